// What differs between two versions of the settings, value by value, and one person's changes put on top of another's. Pure.
import type { Json } from "../backend/port";

export type Change = { pointer: string; before: Json | undefined; after: Json | undefined };

type Fields = { [key: string]: Json };

export function isFields(value: Json | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function same(a: Json | undefined, b: Json | undefined): boolean {
  return differences(a, b).length === 0;
}

/** Every value that was changed, added or taken away, by its RFC 6901 pointer. Lists are compared place by place. */
export function differences(before: Json | undefined, after: Json | undefined, pointer = ""): Change[] {
  if (isFields(before) && isFields(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => differences(before[key], after[key], `${pointer}/${escaped(key)}`));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, at) => differences(before[at], after[at], `${pointer}/${at}`)).flat();
  }
  return Object.is(before, after) ? [] : [{ pointer, before, after }];
}

/** `theirs` with what I changed since `base`. A list that we both changed is taken from me as a whole: places in it mean nothing any more. */
export function onTopOf(base: Json | undefined, mine: Json | undefined, theirs: Json | undefined): Json | undefined {
  if (same(base, mine)) return theirs;
  if (same(base, theirs)) return mine;
  if (!isFields(mine) || !isFields(theirs)) return mine;
  const earlier = isFields(base) ? base : {};
  const merged: Fields = {};
  for (const key of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const value = onTopOf(earlier[key], mine[key], theirs[key]);
    if (value !== undefined) merged[key] = value;
  }
  return merged;
}

/** The value at an RFC 6901 pointer. */
export function valueAt(settings: Json | undefined, pointer: string): Json | undefined {
  let value = settings;
  for (const part of partsOf(pointer)) {
    if (Array.isArray(value)) value = value[Number(part)];
    else if (isFields(value)) value = value[part];
    else return undefined;
  }
  return value;
}

/** Puts a value at a pointer, in place; `undefined` takes it away. Fields on the way that are missing are made. */
export function setAt(settings: Fields, pointer: string, value: Json | undefined): void {
  const parts = partsOf(pointer);
  const last = parts.pop();
  if (last === undefined) return;
  let at: Json = settings;
  for (const part of parts) {
    if (Array.isArray(at)) {
      at = at[Number(part)] ?? null;
    } else if (isFields(at)) {
      if (!isFields(at[part]) && !Array.isArray(at[part])) at[part] = {};
      at = at[part] ?? null;
    }
  }
  if (Array.isArray(at) && value !== undefined) at[Number(last)] = value;
  else if (isFields(at) && value !== undefined) at[last] = value;
  else if (isFields(at)) delete at[last];
}

function partsOf(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** A key as a part of an RFC 6901 pointer. */
export function escaped(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
