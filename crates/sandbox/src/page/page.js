"use strict";
// Everything that came from a report reaches the page as text nodes only.
const $ = id => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const WORDS = { P: "Passed", F: "Failed", E: "Error", T: "Terminated", S: "Skipped", D: "Done" };
const LETTERS = Object.fromEntries(Object.entries(WORDS).map(([letter, word]) => [word.toLowerCase(), letter]));
const LARGEST_SHOWN = 8 << 20;
const PAGE = 50;
const EVERY_MS = 1500;

function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue;
    if (name in node && name !== "list") node[name] = value; else node.setAttribute(name, value);
  }
  node.append(...children.flat().filter(child => child !== undefined && child !== null && child !== ""));
  return node;
}

function mark(letter, word = true) {
  const known = WORDS[letter];
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", "#shape-" + (known ? letter : "D"));
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  const text = known || String(letter ?? "No status");
  return el("span", { className: "mark " + (known ? letter : "D"), title: text }, svg, word ? text : el("span", { className: "unseen" }, text));
}

const pad = n => String(n).padStart(2, "0");
function time(ms) {
  const at = new Date(ms), now = new Date(), off = -at.getTimezoneOffset();
  const clock = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
  const day = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
  const offset = `${off < 0 ? "−" : "+"}${pad(Math.floor(Math.abs(off) / 60))}:${pad(Math.abs(off) % 60)}`;
  return el("time", { title: `${day} ${clock} ${offset}` }, at.toDateString() === now.toDateString() ? clock : `${day} ${clock}`);
}
const count = n => Number(n).toLocaleString("en");
const bytes = n => n < 1024 ? `${n} B` : n < 1 << 20 ? `${(n / 1024).toFixed(1)} KiB` : `${(n / (1 << 20)).toFixed(1)} MiB`;

async function call(path, body) {
  const options = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(path, options);
  if (!answer.ok) throw new Error(await answer.text());
  return answer;
}
const json = async (path, body) => (await call(path, body)).json();

// ---- totals and chart
function showTotals(c) {
  const cells = [["Reports", c.reports], ["Passed", c.passed, "P"], ["Failed", c.failed, "F"], ["Other", c.other], ["Posts", c.posts], ["Repeats", c.repeats]];
  $("totals").replaceChildren(...cells.map(([name, n, letter]) =>
    el("div", {}, el("dt", {}, letter ? mark(letter, false) : "", name), el("dd", {}, count(n)))));
}

function showMinutes(minutes) {
  const last = Math.floor(Date.now() / 60000), chart = $("chart");
  const top = Math.max(1, ...minutes.map(m => m.posts));
  const bars = [];
  for (const m of minutes) {
    let y = 56;
    for (const [kind, n] of [["P", m.passed], ["O", m.other], ["F", m.failed]]) {
      if (!n) continue;
      const bar = document.createElementNS(SVG, "rect"), height = Math.max(1.5, n / top * 54);
      y -= height;
      for (const [name, value] of Object.entries({ class: kind, x: (59 - (last - m.minute)) * 10 + 1, y, width: 8, height })) bar.setAttribute(name, value);
      bars.push(bar);
    }
  }
  chart.replaceChildren(...bars);
  const now = minutes.find(m => m.minute === last)?.posts ?? 0;
  $("peak").textContent = minutes.length ? `now ${count(now)} · most ${count(top)}` : "";
  chart.setAttribute("aria-label", minutes.length ? `This minute ${now} posts, at most ${top} in a minute; the table has each minute.` : "No posts in the last hour.");
  const clock = m => { const at = new Date(m * 60000); return `${pad(at.getHours())}:${pad(at.getMinutes())}`; };
  $("minutes").replaceChildren(
    el("tr", {}, ["Minute", "Passed", "Failed", "Other"].map(h => el("th", { scope: "col" }, h))),
    ...minutes.slice().reverse().map(m => el("tr", {}, [clock(m.minute), m.passed, m.failed, m.other].map(v => el("td", {}, String(v))))));
}

// ---- faults
const form = $("switches");
let dirty = false, out = false;
form.addEventListener("input", event => { dirty ||= event.target.id !== "outage-s"; });

function showFaults({ faults, outage_left_ms }) {
  out = faults.outage || outage_left_ms > 0;
  const left = Math.ceil(outage_left_ms / 1000);
  const share = rate => `${+(rate * 100).toFixed(3)} %`;
  const on = [
    out && (faults.outage ? "outage" : `outage, ${left} s left`), faults.latency_ms && `latency ${faults.latency_ms} ms`,
    faults.rate_503 && `503 ${share(faults.rate_503)}`, faults.rate_429 && `429 ${share(faults.rate_429)}`,
    faults.rate_reset_before && `reset before ${share(faults.rate_reset_before)}`, faults.rate_reset_after && `reset after ${share(faults.rate_reset_after)}`,
  ].filter(Boolean);
  $("faults-on").textContent = on.join(" · ") || "all off";
  $("faults").classList.toggle("on", on.length > 0);
  $("outage").textContent = out ? "End outage" : "Start outage";
  say(out ? "error" : on.length ? "warn" : "ok", out ? (faults.outage ? "Outage: resetting every call" : `Outage: ${left} s left`) : on.length ? "Receiving, with faults" : "Receiving");
  if (dirty) return;
  for (const input of form.querySelectorAll("input[name]")) {
    const value = faults[input.name];
    input.value = input.name.startsWith("rate_") ? +(value * 100).toFixed(3) : value;
  }
}

function say(kind, text) {
  if ($("state").textContent !== text) $("state").textContent = text;
  $("state").className = "state " + kind;
}

async function order(path, body) {
  try {
    const answer = await json(path, body);
    dirty = false;
    $("faults-say").textContent = "";
    showFaults(answer);
  } catch (error) {
    $("faults-say").textContent = error.message;
  }
}
form.addEventListener("submit", event => {
  event.preventDefault();
  const patch = {};
  for (const input of form.querySelectorAll("input[name]")) patch[input.name] = input.name.startsWith("rate_") ? input.valueAsNumber / 100 : input.valueAsNumber;
  order("/sandbox/faults", patch);
});
$("clear").addEventListener("click", async () => {
  dirty = false;
  await order("/sandbox/outage", { seconds: 0 });
  await order("/sandbox/faults", { latency_ms: 0, rate_503: 0, rate_429: 0, rate_reset_before: 0, rate_reset_after: 0, outage: false });
});
$("outage").addEventListener("click", async () => {
  const ending = out;
  await order("/sandbox/outage", { seconds: ending ? 0 : $("outage-s").valueAsNumber || 10 });
  if (ending) await order("/sandbox/faults", { outage: false });
});

// ---- list
let limit = PAGE, chosen = location.hash.slice(1), listed = "";
const search = $("search"), rows = $("reports").tBodies[0];

async function showList() {
  const asked = search.value;
  const { reports, more } = await json(`/sandbox/reports?limit=${limit}&search=${encodeURIComponent(asked)}`);
  if (asked !== search.value) return;
  const focused = document.activeElement?.closest?.("tr")?.dataset.id;
  rows.replaceChildren(...reports.map(row));
  if (focused) rows.querySelector(`tr[data-id="${focused}"] button`)?.focus({ preventScroll: true });
  $("more").hidden = !more;
  $("shown").textContent = !reports.length ? "" : more ? `newest ${count(reports.length)} shown` : asked ? `${count(reports.length)} found` : "";
  $("reports").hidden = !reports.length;
  $("none").hidden = reports.length > 0;
  if (!reports.length) $("none").replaceChildren(...(asked ? noneFound(asked) : firstSteps()));
}

function row(r) {
  const tr = el("tr", {},
    el("td", {}, mark(r.result)),
    el("td", { title: r.sn }, el("button", { type: "button" }, r.sn)),
    el("td", { title: r.pn }, r.pn),
    el("td", { title: r.station }, r.station),
    el("td", { className: "number" }, r.count > 1 ? el("span", { className: "times", title: `Received ${r.count} times; the last one is kept` }, `×${r.count}`) : "", time(r.last_at)));
  tr.dataset.id = r.id;
  if (r.id === chosen) tr.setAttribute("aria-current", "true");
  return tr;
}

const noneFound = asked => [el("h2", {}, "Nothing found"), el("p", {}, `No serial, part or station contains “${asked}”.`)];
const firstSteps = () => [
  el("h2", {}, "Waiting for the first report"),
  el("p", {}, "Send the files of a folder here:"),
  el("pre", {}, `lineside init try --server ${location.origin} --watch ./results\nlineside run try`),
  el("p", {}, "Or post one report yourself. If the sandbox asks for a token, add ", el("code", {}, '-H "Authorization: Basic TOKEN"'), "."),
  el("pre", {}, `curl -H "Content-Type: application/json" --data-binary @report.json ${location.origin}/api/Report/WSJF`),
  el("p", {}, "Or see the whole way of some hundred reports, in a sandbox of its own:"), el("pre", {}, "lineside demo"),
];

function choose(id) {
  chosen = id;
  history.replaceState(null, "", "#" + id);
  for (const tr of rows.rows) tr.toggleAttribute("aria-current", false);
  rows.querySelector(`tr[data-id="${id}"]`)?.setAttribute("aria-current", "true");
  showReport();
}
rows.addEventListener("click", event => { const tr = event.target.closest("tr"); if (tr) choose(tr.dataset.id); });
rows.addEventListener("keydown", event => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], tr = event.target.closest("tr");
  const next = step && tr && rows.rows[tr.sectionRowIndex + step];
  if (!next) return;
  event.preventDefault();
  next.querySelector("button").focus();
  choose(next.dataset.id);
});
document.addEventListener("keydown", event => {
  if (event.key !== "/" || event.target.matches("input")) return;
  event.preventDefault();
  search.focus();
});
let typing;
search.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(() => { limit = PAGE; showList(); }, 150); });
$("more").addEventListener("click", () => { limit += PAGE; showList(); });

// ---- one report
async function showReport() {
  const place = $("report"), id = chosen;
  if (!id) return place.replaceChildren(el("p", { className: "blank" }, "The report you choose is drawn here, step by step."));
  try {
    const r = await json("/sandbox/reports/" + id), path = `/sandbox/reports/${id}/body`;
    const parts = r.size > LARGEST_SHOWN
      ? [el("p", {}, `This report is ${bytes(r.size)}, too much to draw. `, el("a", { href: path }, "Open it as received"))]
      : drawn(r.format === "wsxf" ? fromXml(await (await call(path)).text()) : JSON.parse((await (await call(path)).text()).replace(/^\uFEFF/, ""), digits));
    if (id === chosen) place.replaceChildren(...head(r, path), ...parts);
  } catch (error) {
    if (id === chosen) place.replaceChildren(el("p", { className: "blank" }, error.message));
  }
}

// A number is shown with the digits it arrived with, where the browser tells them.
const digits = (_, value, context) => typeof value === "number" ? context?.source ?? value : value;

function facts(pairs) {
  return el("dl", { className: "facts" }, pairs.filter(([, value]) => value !== undefined && value !== null && value !== "")
    .flatMap(([name, value, wide]) => [el("dt", { className: wide ? "wide" : "" }, name), el("dd", { className: wide ? "wide" : "" }, value)]));
}
const copy = text => el("button", { type: "button", className: "copy", title: "Copy", onclick: () => navigator.clipboard?.writeText(text) }, el("code", {}, text));

const started = text => Number.isNaN(Date.parse(text)) ? text : time(Date.parse(text));

const head = (r, path) => [
  el("div", { className: "title" }, el("h2", {}, r.sn), el("span", { className: "quiet" }, r.kind === "R" ? "repair" : ""), mark(r.result)),
  facts([
    ["Part", `${r.pn}${r.rev ? " rev " + r.rev : ""}`], ["Process", r.process], ["Station", r.station], ["Started", started(r.start)],
    ["Received", el("span", {}, time(r.last_at), r.count > 1 ? `, ${r.count} times` : "")],
    ["As", el("span", {}, `${r.format.toUpperCase()}, ${bytes(r.size)} `, el("a", { href: path }, "open"))],
    ["Id", copy(r.id), true],
  ]),
];

function drawn(report) {
  const unit = report.uut ?? report.uur ?? {};
  const parts = [facts([["Location", report.location], ["Purpose", report.purpose], ["Operator", unit.user], ["Fixture", unit.fixtureId], ["Comment", unit.comment, true]])];
  if (report.root) {
    const tree = el("ul", { className: "tree" }, step(report.root, true));
    const all = open => () => tree.querySelectorAll("details").forEach(node => { node.open = open; });
    // Opening draws what is inside, so open level by level until nothing is left.
    const openAll = () => { let before; do { before = tree.querySelectorAll("details").length; tree.querySelectorAll("details").forEach(node => { node.open = true; node.draw?.(); }); } while (tree.querySelectorAll("details").length > before); };
    parts.push(section("Steps", tree, el("button", { type: "button", onclick: openAll }, "Open all"), el("button", { type: "button", onclick: all(false) }, "Close all")));
  }
  const failures = (report.subUnits ?? []).flatMap(u => (u.failures ?? []).map(f => ({ unit: u.sn, ...f })));
  parts.push(table("Failures", failures, [["unit", "Unit"], ["category", "Category"], ["code", "Code"], ["comment", "Comment"], ["comRef", "Component"]]));
  parts.push(table("Sub-units", report.subUnits, [["partType", "Type"], ["pn", "Part"], ["rev", "Rev"], ["sn", "Serial"]]));
  parts.push(table("Further fields", report.miscInfos, [["description", "Name"], ["text", "Text"], ["numeric", "Number"]]));
  parts.push(table("Assets", report.assets, [["assetSN", "Serial"], ["usageCount", "Uses"]]));
  return parts.filter(Boolean);
}

const section = (title, body, ...tools) => el("section", { className: "section" }, el("h3", {}, title, ...tools), body);
function table(title, list, columns) {
  if (!list?.length) return null;
  const used = columns.filter(([key]) => list.some(item => item?.[key] !== undefined && item[key] !== null && item[key] !== ""));
  if (!used.length) return null;
  return section(title, el("table", { className: "grid" }, el("thead", {}, el("tr", {}, used.map(([, name]) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, list.map(item => el("tr", {}, used.map(([key]) => el("td", {}, String(item[key] ?? ""))))))));
}

const ORDER = { GT: ">", GE: "≥", LT: "<", LE: "≤", EQ: "=", NE: "≠", EQT: "=" };
function limits(m) {
  const op = String(m.compOp ?? "").toUpperCase(), low = m.lowLimit ?? m.limit, high = m.highLimit;
  if (!op || op === "LOG") return "";
  if (low === undefined && high === undefined) return op;
  const between = /^G[TE]L[TE]$/.test(op), outside = /^L[TE]G[TE]$/.test(op);
  if (between && low != null && high != null) return op === "GELE" ? `${low} … ${high}` : `${ORDER[op.slice(0, 2)]} ${low}, ${ORDER[op.slice(2)]} ${high}`;
  if (outside && low != null && high != null) return `${ORDER[op.slice(0, 2)]} ${low} or ${ORDER[op.slice(2)]} ${high}`;
  return `${ORDER[op] ?? op} ${low ?? high}`;
}

function line(tag, status, name, value, limit, twist) {
  return el(tag, { className: "row" }, el("span", { className: "twist", ariaHidden: "true" }, twist ? "›" : ""), mark(status, false),
    el("span", { className: "name" }, name), el("span", { className: "value" }, Object.values(WORDS).includes(value) ? el("span", { className: "quiet" }, value) : value), limit === undefined ? "" : el("span", { className: "limit" }, limit));
}
function measured(m, fallback) {
  const value = m.value === undefined || m.value === null ? (m.status ? WORDS[m.status] ?? m.status : "") : `${m.value}${m.unit ? " " + m.unit : ""}`;
  return [m.status, m.name || fallback, value, limits(m)];
}
const failing = s => s.status === "F" || s.status === "E" || s.status === "T";

function step(s, top = false) {
  const name = s.name || s.stepType || "Step";
  const several = [...s.numericMeas ?? [], ...s.stringMeas ?? [], ...s.booleanMeas ?? []];
  const notes = [s.errorMessage, s.reportText, s.chart && `Chart ${s.chart.label ?? ""}: ${(s.chart.series ?? []).map(c => c.name).join(", ")}`,
    s.attachment && `Attachment ${s.attachment.name ?? ""} (${s.attachment.contentType ?? "unknown type"})`,
    s.messagePopup && `Answer ${s.messagePopup.button ?? ""} ${s.messagePopup.response ?? ""}`, s.callExe && `Exit code ${s.callExe.exitCode ?? ""}`]
    .filter(Boolean).map(text => el("div", { className: "note" }, text));
  const inner = s.steps ?? [];
  if (!inner.length && several.length <= 1) {
    const [, , value, limit] = several.length ? measured(several[0], name) : ["", "", s.status === "P" ? "" : WORDS[s.status] ?? s.status ?? ""];
    return el("li", {}, line("div", s.status ?? several[0]?.status, name, value, limit ?? ""), notes);
  }
  const open = top || failing(s) || [...inner, ...several].some(failing);
  const details = el("details", {}, line("summary", s.status, name, "", undefined, true));
  const failed = inner.filter(failing).length;
  details.querySelector(".value").append(el("span", { className: "quiet" }, failed ? `${failed} of ${inner.length} failed` : String(inner.length || several.length)));
  details.draw = () => {
    if (details.children.length === 1) details.append(...notes, el("ul", {}, several.map(m => el("li", {}, line("div", ...measured(m, name)))), inner.map(child => step(child))));
  };
  details.addEventListener("toggle", () => { if (details.open) details.draw(); });
  if (open) { details.draw(); details.open = true; }
  return el("li", {}, details);
}

// ---- WSXF, brought into the shape of WSJF for drawing
function fromXml(text) {
  const found = new DOMParser().parseFromString(text, "application/xml").getElementsByTagNameNS("*", "Report")[0];
  if (!found) throw new Error("The XML cannot be drawn.");
  const kids = (node, name) => [...node.children].filter(child => child.localName === name);
  const at = (node, ...names) => { for (const name of names) if (node?.getAttribute(name)) return node.getAttribute(name); };
  const letter = word => word && (LETTERS[word.toLowerCase()] ?? word);
  const m = (node, value, extra) => ({ name: at(node, "Name"), status: letter(at(node, "Status")), value: value && at(node, value), compOp: at(node, "CompOperator"), ...extra });
  const read = node => ({
    name: at(node, "Name"), stepType: at(node, "StepType"), status: letter(at(node, "Status")), errorMessage: at(node, "StepErrorMessage"),
    reportText: kids(node, "ReportText")[0]?.textContent, steps: kids(node, "SequenceCall").concat(node).flatMap(place => kids(place, "Step").map(read)),
    numericMeas: kids(node, "NumericLimit").map(n => m(n, "NumericValue", { lowLimit: at(n, "LowLimit"), highLimit: at(n, "HighLimit"), unit: at(n, "Units") })),
    stringMeas: kids(node, "StringValue").map(n => m(n, "StringValue", { limit: at(n, "StringLimit") })),
    booleanMeas: kids(node, "PassFail").map(n => m(n)),
    chart: kids(node, "Chart").map(n => ({ label: at(n, "Label"), series: kids(n, "Series").map(s => ({ name: at(s, "Name") })) }))[0],
    attachment: kids(node, "Attachment").map(n => ({ name: at(n, "Name"), contentType: at(n, "ContentType") }))[0],
  });
  const unit = kids(found, "UUT")[0] ?? kids(found, "UUR")[0];
  return {
    location: at(found, "Location"), purpose: at(found, "Purpose"), root: kids(found, "Step").map(read)[0],
    uut: { user: at(unit, "UserLoginName"), fixtureId: at(unit, "FixtureId"), comment: unit && kids(unit, "Comment")[0]?.textContent },
    subUnits: kids(found, "ReportUnitHierarchy").map(n => ({ partType: at(n, "PartType"), pn: at(n, "PN"), rev: at(n, "Rev"), sn: at(n, "SN") })),
    miscInfos: kids(found, "MiscInfo").map(n => ({ description: at(n, "Description"), text: n.textContent, numeric: at(n, "Numeric") })),
  };
}

// ---- keeping it fresh
async function refresh() {
  try {
    const [counts, faults] = await Promise.all([json("/sandbox/counts"), json("/sandbox/faults")]);
    showTotals(counts);
    showMinutes(counts.minutes);
    showFaults(faults);
    const now = `${counts.posts} ${counts.reports}`;
    if (now !== listed) { await showList(); listed = now; }
  } catch {
    say("error", "The sandbox does not answer");
  }
}
async function keepFresh() {
  if (!document.hidden) await refresh();
  setTimeout(keepFresh, EVERY_MS);
}
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
$("address").textContent = location.origin;
showReport();
keepFresh();
