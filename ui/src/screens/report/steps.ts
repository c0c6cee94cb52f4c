// The steps of a report (WSJF) as lines of a table, parents before children, measurements under their step. Pure.
import { isFields } from "../../state/difference";
import type { Json } from "../../backend/port";

export type StepLine = { depth: number; name: string; value: string; limits: string; result: string };

type Fields = { [key: string]: Json };

const signs: Record<string, string> = { GE: "≥", LE: "≤", GT: ">", LT: "<", EQ: "=", NE: "≠" };

/** At most `most` lines, and how many more there are. */
export function stepLines(report: Json | undefined, most: number): { lines: StepLine[]; more: number } {
  const lines: StepLine[] = [];
  let all = 0;
  const put = (line: StepLine): void => {
    if (all++ < most) lines.push(line);
  };
  const walk = (step: Fields, depth: number): void => {
    const measured = measurements(step);
    const [only] = measured;
    const name = text(step["name"]);
    if (measured.length === 1 && only !== undefined)
      put({ ...only, depth, name: only.name === "" ? name : `${name} · ${only.name}`, result: text(step["status"]) });
    else {
      put({ depth, name, value: "", limits: "", result: text(step["status"]) });
      for (const one of measured) put({ ...one, depth: depth + 1 });
    }
    for (const child of list(step["steps"])) walk(child, depth + 1);
  };
  if (isFields(report) && isFields(report["root"])) walk(report["root"], 0);
  return { lines, more: all - lines.length };
}

function measurements(step: Fields): Omit<StepLine, "depth">[] {
  const kinds = [...list(step["numericMeas"]), ...list(step["stringMeas"]), ...list(step["booleanMeas"])];
  return kinds.map((one) => ({
    name: text(one["name"]),
    value: [text(one["value"]), text(one["unit"])].filter(Boolean).join(" "),
    limits: limitsOf(one),
    result: text(one["status"]),
  }));
}

function limitsOf(one: Fields): string {
  const comparison = text(one["compOp"]);
  if (comparison === "" || comparison === "LOG") return "";
  const limits = [one["lowLimit"], one["limit"], one["highLimit"]].map(text).filter((limit) => limit !== "");
  const sign = signs[comparison];
  if (sign !== undefined) return `${sign} ${limits[0] ?? ""}`.trimEnd();
  return limits.length === 2 ? `${limits[0]} … ${limits[1]}` : [comparison, ...limits].join(" ");
}

function list(value: Json | undefined): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function text(value: Json | undefined): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}
