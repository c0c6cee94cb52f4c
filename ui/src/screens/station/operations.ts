// The choices of an operation code. Pure.

type Words = { noOperation: string; unknownOperation: (code: number) => string };

/** None first, then the server's operations by code; a code that the server does not know stays visible, and says so. */
export function operationOptions(
  processes: { code: number; name: string }[],
  code: number | null,
  words: Words,
): { value: string; label: string }[] {
  const known = [...processes]
    .sort((a, b) => a.code - b.code)
    .map(({ code, name }) => ({ value: String(code), label: `${code} · ${name}` }));
  const strange = code !== null && !processes.some((process) => process.code === code);
  return [
    { value: "", label: words.noOperation },
    ...(strange ? [{ value: String(code), label: words.unknownOperation(code) }] : []),
    ...known,
  ];
}
