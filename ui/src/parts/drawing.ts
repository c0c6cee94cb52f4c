// How uPlot draws a chart of ours: colours from the tokens, quiet axes, times in the window's language.
import type { Options, Series as PlotSeries } from "uplot";
import uPlot from "uplot";
import { locale, number } from "../text/index.svelte";

export type Series = {
  label: string;
  /** What the table shows, and what is drawn unless `drawn` says where instead (a bar that stands on another). */
  values: (number | null)[];
  drawn?: (number | null)[];
  tone: "ok" | "accent" | "warn" | "error";
  bars?: boolean;
};

type Drawing = { series: Series[]; width: number; height: number; spark: boolean; unit: string; style: CSSStyleDeclaration };

export function drawing({ series, width, height, spark, unit, style }: Drawing): Options {
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const axis = {
    stroke: colour("text-quiet"),
    font: `11px ${style.fontFamily}`,
    ticks: { show: false },
    grid: { stroke: colour("line"), width: 1 },
  };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { show: !spark, x: !spark, y: false, points: { show: !spark } },
    padding: spark ? [2, 0, 2, 0] : [8, 8, 0, 0],
    scales: {
      x: {
        range: (_, first, last) =>
          series.some((line) => line.bars) ? [first - halfBar(series, first, last), last + halfBar(series, first, last)] : [first, last],
      },
      y: { range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(1, (high ?? 0) * 1.1)] },
    },
    axes: spark
      ? [{ show: false }, { show: false }]
      : [
          { ...axis, grid: { show: false }, values: (_, seconds) => seconds.map(timeOf(seconds)), space: 70, size: 26 },
          { ...axis, values: (_, values) => values.map((value) => `${number(value)}${unit ? ` ${unit}` : ""}`), size: 56 },
        ],
    series: [{}, ...series.map((line) => curve(line, colour(line.tone), spark))],
  };
}

/** Half of what one bar takes, so that the first and the last are whole. */
function halfBar(series: Series[], first: number, last: number): number {
  return (last - first) / Math.max(1, (series[0]?.values.length ?? 2) - 1) / 2;
}

function curve(line: Series, stroke: string, spark: boolean): PlotSeries {
  const bars = line.bars ? uPlot.paths.bars?.({ size: [0.7, 40] }) : undefined;
  return {
    label: line.label,
    stroke,
    width: spark ? 1.5 : 1.75,
    points: { show: false },
    spanGaps: false,
    ...(bars ? { paths: bars, fill: stroke, width: 0 } : {}),
  };
}

/** Ticks of a day are times, ticks of a week are days. */
function timeOf(seconds: number[]): (second: number) => string {
  const span = (seconds.at(-1) ?? 0) - (seconds[0] ?? 0);
  const shape: Intl.DateTimeFormatOptions =
    span > 2 * 86400 ? { weekday: "short", day: "numeric" } : { hour: "2-digit", minute: "2-digit" };
  const format = new Intl.DateTimeFormat(locale(), shape);
  return (second) => format.format(second * 1000);
}
