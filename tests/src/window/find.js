// What a person finds in the window by its words: a control of a kind and a name, inside the dialog that is open, else in the page; or what has the focus, if it has that name. Null
// while there is none; an error where the words fit more than one, unless the first of them is asked for.
const [kind, name, first] = arguments;
const kinds = {
  button: "button, a[href], summary, [role=option], fieldset > label, [role=switch]",
  field: "input:not([type=radio], [type=checkbox]), textarea, select",
};
const plain = (text) => text.replace(/\s+/g, " ").trim();
const labelOf = (element) => plain([...(element.labels ?? [])].map((label) => label.textContent).join(" "));
const nameOf = (element) => element.getAttribute("aria-label") ?? (labelOf(element) || element.innerText);
const seen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
const root = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
const all = kind === "focus" ? [document.activeElement] : [...root.querySelectorAll(kinds[kind])].filter(seen);
const exact = all.filter((element) => plain(nameOf(element)) === name);
// A count, a unit or "required" may follow.
const found = exact.length > 0 ? exact : all.filter((element) => plain(nameOf(element)).startsWith(`${name} `));
if (found.length > 1 && !first) throw new Error(`“${name}” is the name of ${found.length}`);
return found[0] ?? null;
