// A report as a tree of rows: its header, then its steps with value, limits and status in one row each. Nothing of the report is left out: what has no row of its own
// is a row below. Children are made when they are asked for. Pure.
import type { Json, Preview, PreviewReport } from "../backend/port";
import { escaped, isFields } from "../state/difference";

type Fields = { [key: string]: Json };
/** A part of a row that is a value of the report. */
export type Cell = { pointer: string; text: string };
export type Node = {
  key: string;
  report: number;
  pointer: string;
  kind: "report" | "group" | "field" | "step" | "measurement" | "more";
  label: Cell;
  value: Cell[];
  limits: Cell[];
  /** The letter of a result. */
  status: Cell | null;
  begun: boolean;
  /** There is nothing below. Told apart from `children`, which are made only when they are seen: a report has thousands of steps. */
  leaf: boolean;
  children: () => Node[];
};
export type Words = {
  keys: Record<string, string>;
  report: (n: number, sn: string) => string;
  details: string;
  value: (n: number) => string;
  logged: string;
  moreSteps: (n: number) => string;
  yes: string;
  no: string;
};

const headerOrder = "sn pn rev processName processCode result start startUTC machineName location purpose".split(" ");
const measurementKinds = ["numericMeas", "booleanMeas", "stringMeas"];
/** What a step's own row shows. */
const inRow = new Set(["name", "status", "steps", ...measurementKinds]);
const longest = 300;

export function rootsOf(preview: Preview, words: Words): Node[] {
  return preview.reports.map((shown, report) => reportNode(shown, report, preview.reports.length === 1 || report === 0, words));
}

/** The row that shows a value, with the rows above it: the innermost that there is. */
export function pathTo(roots: Node[], report: number, pointer: string): Node[] {
  const path: Node[] = [];
  let next = roots.find((root) => root.report === report);
  while (next) {
    const node: Node = next;
    path.push(node);
    if (node.kind !== "report" && cellsOf(node).some((cell) => cell.pointer === pointer)) break;
    next = node.children().find((child) => holds(child, pointer));
  }
  return path;
}

export function cellsOf(node: Node): Cell[] {
  return [node.label, ...node.value, ...node.limits, ...(node.status ? [node.status] : [])];
}

function holds(node: Node, pointer: string): boolean {
  if (node.kind === "more") return false;
  // A group of details has its step's pointer, and holds only what is in it.
  if (node.kind === "group" && node.key.endsWith("#")) return node.children().some((child) => holds(child, pointer));
  return pointer === node.pointer || pointer.startsWith(`${node.pointer}/`);
}

function make(report: number, pointer: string, kind: Node["kind"], label: string, rest: Partial<Node> = {}): Node {
  const made = { key: `${report}${pointer}`, report, pointer, kind, label: { pointer, text: label } };
  const node: Node = { ...made, value: [], limits: [], status: null, begun: false, leaf: !rest.children, children: () => [], ...rest };
  return { ...node, children: once(node.children) };
}

function once<T>(work: () => T): () => T {
  let done: { is: T } | null = null;
  return () => (done ??= { is: work() }).is;
}

function reportNode(shown: PreviewReport, report: number, begun: boolean, words: Words): Node {
  const fields = isFields(shown.report) ? shown.report : {};
  const left = shown.more_steps ?? 0;
  const children = (): Node[] => {
    const { root, ...header } = fields;
    const keys = [...headerOrder.filter((key) => key in header), ...Object.keys(header).filter((key) => !headerOrder.includes(key))];
    const nodes = keys.flatMap((key) => valueNode(report, `/${escaped(key)}`, words.keys[key] ?? key, header[key] ?? null, words));
    const more = left > 0 ? [make(report, "/root", "more", words.moreSteps(left), { key: `${report}/root#more` })] : [];
    return [...nodes, ...(isFields(root) ? [stepNode(root, report, "/root", words)] : []), ...more];
  };
  const result = typeof fields["result"] === "string" ? { pointer: "/result", text: fields["result"] } : null;
  return make(report, "", "report", words.report(report + 1, textOf(fields["sn"], words)), { status: result, begun, children });
}

function stepNode(step: Fields, report: number, pointer: string, words: Words): Node {
  const measurements = measurementKinds.flatMap((kind) => listOf(step[kind]).map((one, n) => ({ one, at: `${pointer}/${kind}/${n}` })));
  const [only] = measurements.length === 1 ? measurements : [];
  const steps = listOf(step["steps"]);
  const children = (): Node[] => {
    const own = fieldNodes(step, report, pointer, words, inRow);
    const details = only ? [...fieldNodes(only.one, report, only.at, words, new Set()), ...own] : own;
    const many = only ? [] : measurements.map(({ one, at }, n) => measurementNode(one, report, at, n, words));
    if (steps.length === 0) return [...many, ...details];
    const group = make(report, pointer, "group", words.details, { key: `${report}${pointer}#`, children: () => details });
    const inner = steps.map((one, n) => stepNode(one, report, `${pointer}/steps/${n}`, words));
    return [...(details.length > 0 ? [group] : []), ...many, ...inner];
  };
  return make(report, pointer, "step", "", {
    ...(only ? measured(only.one, only.at, words) : {}),
    label: { pointer: "name" in step ? `${pointer}/name` : pointer, text: textOf(step["name"], words) || textOf(step["stepType"], words) },
    status: statusOf(step, pointer),
    begun: steps.length > 0,
    leaf: steps.length + measurements.length === 0 && Object.keys(step).every((key) => inRow.has(key)),
    children,
  });
}

function measurementNode(one: Fields, report: number, pointer: string, n: number, words: Words): Node {
  return make(report, pointer, "measurement", "", {
    ...measured(one, pointer, words),
    label: { pointer: "name" in one ? `${pointer}/name` : pointer, text: textOf(one["name"], words) || words.value(n + 1) },
    status: statusOf(one, pointer),
    leaf: Object.keys(one).every((key) => key === "name" || key === "status"),
    children: () => fieldNodes(one, report, pointer, words, new Set(["name", "status"])),
  });
}

function statusOf(of: Fields, pointer: string): Cell | null {
  return typeof of["status"] === "string" ? { pointer: `${pointer}/status`, text: of["status"] } : null;
}

/** Value with unit, and the limits in the way they are read: `≥ 4.9`, `≤ 5.1`. */
function measured(one: Fields, pointer: string, words: Words): { value: Cell[]; limits: Cell[] } {
  const cell = (key: string, before = ""): Cell[] =>
    key in one ? [{ pointer: `${pointer}/${key}`, text: before + textOf(one[key], words) }] : [];
  const operator = textOf(one["compOp"], words);
  const [low, high] = signsOf(operator);
  const limits = [...cell("lowLimit", low), ...cell("highLimit", high), ...cell("limit", low)];
  const logged: Cell[] = operator === "LOG" && limits.length === 0 ? [{ pointer: `${pointer}/compOp`, text: words.logged }] : [];
  return { value: [...cell("value"), ...cell("unit")], limits: [...limits, ...logged] };
}

const signs: Record<string, string> = {
  EQ: "= ",
  EQT: "≈ ",
  NE: "≠ ",
  GT: "> ",
  GE: "≥ ",
  LT: "< ",
  LE: "≤ ",
  CASESENSIT: "= ",
  IGNORECASE: "≈ ",
};

/** The signs before the low and the high limit. An operator nobody knows has none: it stands in the details. */
function signsOf(operator: string): [string, string] {
  const both = operator.match(/^(GT|GE|LT|LE)(GT|GE|LT|LE)$/);
  if (both) return [signs[both[1]!] ?? "", signs[both[2]!] ?? ""];
  return [signs[operator] ?? "", signs[operator] ?? ""];
}

function fieldNodes(of: Fields, report: number, pointer: string, words: Words, except: Set<string>): Node[] {
  const keys = Object.keys(of).filter((key) => !except.has(key));
  return keys.flatMap((key) => valueNode(report, `${pointer}/${escaped(key)}`, words.keys[key] ?? key, of[key] ?? null, words));
}

/** A value of any shape: a field, or a group of what is in it. What is empty has no row. */
function valueNode(report: number, pointer: string, label: string, value: Json, words: Words): Node[] {
  if (Array.isArray(value)) {
    if (value.length === 0) return [];
    const children = (): Node[] => value.flatMap((one, n) => valueNode(report, `${pointer}/${n}`, nameOf(one, n, words), one, words));
    return [make(report, pointer, "group", `${label} (${value.length})`, { children })];
  }
  if (isFields(value)) {
    const { description, text } = value;
    // What a report knows besides is a name with a text: one row.
    if (typeof description === "string" && typeof text === "string" && Object.keys(value).length === 2) {
      const cells = {
        label: { pointer: `${pointer}/description`, text: description },
        value: [{ pointer: `${pointer}/text`, text: short(text) }],
      };
      return [make(report, pointer, "field", "", cells)];
    }
    if (Object.keys(value).length === 0) return [];
    return [make(report, pointer, "group", label, { children: () => fieldNodes(value, report, pointer, words, new Set()) })];
  }
  return [make(report, pointer, "field", label, { value: [{ pointer, text: textOf(value, words) }] })];
}

function nameOf(value: Json, n: number, words: Words): string {
  const names = isFields(value) ? [value["name"], value["description"], value["pn"], value["label"]] : [];
  return names.map((name) => textOf(name, words)).find((name) => name !== "") ?? words.value(n + 1);
}

function listOf(value: Json | undefined): Fields[] {
  return Array.isArray(value) ? value.filter((one) => isFields(one)) : [];
}

function textOf(value: Json | undefined, words: Words): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "boolean") return value ? words.yes : words.no;
  return short(typeof value === "string" ? value : JSON.stringify(value));
}

/** Attachments and the like: the beginning is enough to see. */
function short(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
