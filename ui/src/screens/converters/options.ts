// The options of a format as fields of a form, read from the format's JSON Schema. What no field fits is offered as JSON, so that no option is out of reach. Pure.
import type { Json } from "../../backend/port";
import { isFields } from "../../state/difference";

type Schema = { [key: string]: Json };

export type OptionField = {
  key: string;
  kind: "text" | "number" | "switch" | "choice" | "lines" | "json";
  description: string;
  /** What holds when the option is not set; undefined: the schema does not tell. */
  fallback: Json | undefined;
  choices: string[];
  min: number | undefined;
  max: number | undefined;
};

/** One field for every option, in the order of the schema. */
export function optionFields(schema: Json): OptionField[] {
  const properties = isFields(schema) ? schema["properties"] : undefined;
  if (!isFields(schema) || !isFields(properties)) return [];
  return Object.entries(properties).map(([key, property]) => field(key, isFields(property) ? property : {}, schema));
}

/** `default_process_code` in words: `Default process code`. */
export function wordsOf(key: string): string {
  const words = key.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function field(key: string, property: Schema, root: Schema): OptionField {
  const shape = resolved(property, root);
  const choices = choicesOf(shape);
  const number = (name: string): number | undefined => (typeof shape[name] === "number" ? shape[name] : undefined);
  const description = typeof property["description"] === "string" ? property["description"] : shape["description"];
  return {
    key,
    kind: choices.length > 0 ? "choice" : kindOf(shape, root),
    description: typeof description === "string" ? description.replaceAll("\n", " ") : "",
    fallback: property["default"] ?? shape["default"],
    choices,
    min: number("minimum"),
    max: number("maximum"),
  };
}

/** Follows references, and takes the other half of what may also be null. */
function resolved(shape: Schema, root: Schema, depth = 0): Schema {
  const target = typeof shape["$ref"] === "string" ? definition(shape["$ref"], root) : onlyOne(shape["allOf"] ?? shape["anyOf"]);
  if (!target || depth > 8) return shape;
  return { ...resolved(target, root, depth + 1), ...without(shape, ["$ref", "allOf", "anyOf"]) };
}

function definition(reference: string, root: Schema): Schema | undefined {
  const name = reference.match(/^#\/(?:\$defs|definitions)\/([^/]+)$/)?.[1];
  const definitions = root["$defs"] ?? root["definitions"];
  const found = name !== undefined && isFields(definitions) ? definitions[name] : undefined;
  return isFields(found) ? found : undefined;
}

function onlyOne(list: Json | undefined): Schema | undefined {
  if (!Array.isArray(list)) return undefined;
  const shapes = list.filter((one) => isFields(one)).filter((one) => one["type"] !== "null");
  return shapes.length === 1 ? shapes[0] : undefined;
}

function without(shape: Schema, keys: string[]): Schema {
  return Object.fromEntries(Object.entries(shape).filter(([key]) => !keys.includes(key)));
}

function choicesOf(shape: Schema): string[] {
  const list = shape["enum"] ?? shape["oneOf"];
  if (!Array.isArray(list)) return [];
  const values = list.map((one) => (isFields(one) ? one["const"] : one)).filter((one) => one !== null);
  return values.every((value) => typeof value === "string") ? values : [];
}

function kindOf(shape: Schema, root: Schema): OptionField["kind"] {
  const types = (Array.isArray(shape["type"]) ? shape["type"] : [shape["type"]]).filter((type) => type !== "null");
  if (types.length !== 1) return "json";
  const [type] = types;
  if (type === "string") return "text";
  if (type === "integer" || type === "number") return "number";
  if (type === "boolean") return "switch";
  const items = isFields(shape["items"]) ? resolved(shape["items"], root) : {};
  return type === "array" && items["type"] === "string" ? "lines" : "json";
}
