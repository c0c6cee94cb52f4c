// Every screen that is looked at: its address, the scenarios in which it looks different, and what is done on it before it is looked at.
// One table for axe, for the check that nothing is cut off, and for screenshots: who adds a screen or a state of one adds a row.

/** @typedef {import("playwright-core").Page} Page */

// Buttons are found by their icon: their words are in two languages.
const withIcon = (/** @type {Page} */ page, /** @type {string} */ icon) => page.locator(`button:has(svg.lucide-${icon})`);

async function sampleOfANewConverter(/** @type {Page} */ page) {
  await withIcon(page, "plus").first().click();
  await page.locator("dialog button:has(svg.lucide-file-text)").click();
  await page.locator("dialog button.primary").waitFor();
}

/** As if files were dropped on the window. */
async function drop(/** @type {Page} */ page, /** @type {string[]} */ names) {
  await page.evaluate((names) => {
    const dataTransfer = new DataTransfer();
    for (const name of names) dataTransfer.items.add(new File([""], name));
    window.dispatchEvent(new DragEvent("drop", { dataTransfer }));
  }, names);
}

/** A sample in the editor, with a value of it chosen. */
async function preview(/** @type {Page} */ page, /** @type {string} */ name, /** @type {string | null} */ value) {
  await page.locator("main select").first().waitFor();
  await drop(page, [name]);
  await page.locator(".panes").waitFor();
  await page.locator(".panes").evaluate((panes) => panes.scrollIntoView({ block: "center" }));
  if (value) await page.locator(".panes .line .mark", { hasText: value }).first().click();
}

async function sendByHand(/** @type {Page} */ page) {
  await drop(page, ["NW-2671902.txt", "PSU-000417.xml", "LOT-88.stdf"]);
  await page.locator("dialog button.primary:enabled").waitFor();
}

async function sentByHand(/** @type {Page} */ page) {
  await drop(page, ["NW-2671902.txt"]);
  await page.locator("dialog button.primary:enabled").click();
  await page.locator("dialog footer a").waitFor();
}

async function newConverter(/** @type {Page} */ page) {
  await sampleOfANewConverter(page);
  await page.locator("dialog button.primary").click();
  await page.locator("main .problem").first().waitFor();
}
/** Presses the button with one of these words, in whichever language it is. */
const press = (words) => (/** @type {Page} */ page) => page.getByRole("button", { name: new RegExp(`^(${words})$`) }).click();

/** The wizard at a step, as if somebody had closed the window there. */
const wizardAt = (step) => async (/** @type {Page} */ page) => {
  const kept = {
    step,
    name: "ICT line 3",
    id: "ict",
    address: "https://northwind.wats.example",
    station: "ICT-03",
    folder: "/srv/testers/ict/results",
    offline: true,
  };
  await page.evaluate((text) => localStorage.setItem("lineside.welcome", text), JSON.stringify(kept));
  await page.reload();
  await page.waitForSelector("main h1");
};

/** An entry of the menu behind a button with this icon. */
const entry = (icon, words) => async (/** @type {Page} */ page) => {
  await page.locator(`.menu > button:has(svg.lucide-${icon})`).click();
  await page.getByRole("menuitem", { name: new RegExp(`^(${words})$`) }).click();
};

const file = (name) => async (/** @type {Page} */ page) => {
  await page.locator("main .zone").waitFor();
  await drop(page, [name]);
  await page.locator("main button.primary").waitFor();
};

/** @type {{ name: string, path: string, scenarios: string[], act?: (page: Page) => Promise<void> }[]} */
export const screens = [
  { name: "overview", path: "/", scenarios: ["empty", "healthy", "outage", "crash", "many", "backlog", "damaged"] },
  {
    name: "overview-add",
    path: "/",
    scenarios: ["healthy"],
    act: async (page) => {
      await page.locator(".menu > button").click();
      await page.getByRole("menu").waitFor();
    },
  },
  { name: "dashboard", path: "/i/ict", scenarios: ["healthy", "outage", "backlog"] },
  { name: "dashboard-crashed", path: "/i/fct", scenarios: ["crash"] },
  { name: "dashboard-damaged", path: "/i/burnin", scenarios: ["damaged"] },
  { name: "connection", path: "/i/ict/connection", scenarios: ["healthy"] },
  { name: "connection-tested", path: "/i/ict/connection", scenarios: ["healthy"], act: press("Test the connection|Verbindung testen") },
  {
    name: "connection-proxy",
    path: "/i/ict/connection",
    scenarios: ["healthy"],
    act: async (page) => {
      await page.locator("main select").first().selectOption("manual");
      await page.waitForSelector("main [aria-invalid]");
    },
  },
  { name: "connection-damaged", path: "/i/burnin/connection", scenarios: ["damaged"] },
  { name: "station", path: "/i/ict/station", scenarios: ["healthy"] },
  {
    name: "versions",
    path: "/i/ict/station",
    scenarios: ["healthy"],
    act: async (page) => {
      await press("Earlier versions…|Frühere Fassungen…")(page);
      await page.waitForSelector("dialog[open]");
    },
  },
  {
    name: "leaving",
    path: "/i/ict/station",
    scenarios: ["healthy"],
    act: async (page) => {
      await page.locator("main input").first().fill("Another name");
      await page.evaluate(() => (location.hash = "#/"));
      await page.waitForSelector("dialog[open]");
    },
  },
  { name: "converters", path: "/i/ict/converters", scenarios: ["healthy"] },
  { name: "converter", path: "/i/ict/converters/0", scenarios: ["healthy"] },
  { name: "preview", path: "/i/ict/converters/0", scenarios: ["healthy"], act: (page) => preview(page, "NW-2671902.txt", "Standby") },
  {
    name: "preview-notes",
    path: "/i/ict/converters/1",
    scenarios: ["healthy"],
    act: (page) => preview(page, "PSU-000417.xml", "PSU-2210"),
  },
  { name: "preview-failed", path: "/i/ict/converters/0", scenarios: ["healthy"], act: (page) => preview(page, "PSU-000417.xml", null) },
  { name: "preview-bytes", path: "/i/ict/converters/1", scenarios: ["healthy"], act: (page) => preview(page, "LOT-88.stdf", null) },
  { name: "send-by-hand", path: "/i/ict", scenarios: ["healthy"], act: sendByHand },
  { name: "sent-by-hand", path: "/i/fct", scenarios: ["crash"], act: sentByHand },
  {
    name: "files-held",
    path: "/i/ict",
    scenarios: ["healthy"],
    act: async (page) => {
      await page.evaluate(() => window.dispatchEvent(new DragEvent("dragenter")));
      await page.locator("main .awaited").waitFor();
    },
  },
  { name: "converter-new", path: "/i/ict/converters", scenarios: ["healthy"], act: newConverter },
  { name: "converter-add", path: "/i/ict/converters", scenarios: ["healthy"], act: sampleOfANewConverter },
  { name: "queue", path: "/i/ict/queue", scenarios: ["healthy", "outage", "backlog"] },
  {
    name: "queue-refused",
    path: "/i/ict/queue?state=error",
    scenarios: ["outage"],
    act: (page) => page.locator("main [role=option]").first().click(),
  },
  {
    name: "report",
    path: "/i/ict/queue/438",
    scenarios: ["outage"],
    act: (page) => page.getByRole("dialog").getByRole("table").first().waitFor(),
  },
  { name: "history", path: "/i/ict/history", scenarios: ["healthy"] },
  { name: "history-nothing", path: "/i/ict/history?text=nothing", scenarios: ["healthy"] },
  {
    name: "source",
    path: "/i/ict/history/4940",
    scenarios: ["healthy"],
    act: (page) => page.getByText("Standby current").last().waitFor(),
  },
  {
    name: "source-rejected",
    path: "/i/ict/history/4941",
    scenarios: ["healthy"],
    act: (page) => page.locator("main mark").first().waitFor(),
  },
  { name: "source-duplicate", path: "/i/ict/history/4933", scenarios: ["healthy"] },
  { name: "log", path: "/i/ict/log", scenarios: ["healthy"] },
  {
    name: "log-error",
    path: "/i/ict/log",
    scenarios: ["healthy"],
    act: async (page) => {
      await page.locator("main [role=option]").first().waitFor();
      await page.getByRole("button", { name: /Previous error|Voriger Fehler/ }).click();
      await page.locator("main section dl").waitFor();
    },
  },
  {
    name: "log-filtered",
    path: "/i/ict/log?level=WARN&text=html",
    scenarios: ["healthy"],
    act: (page) => page.locator("main [role=option]").first().waitFor(),
  },
  {
    name: "export",
    path: "/i/ict",
    scenarios: ["healthy"],
    act: async (page) => {
      await entry("chevron-down", "Export…|Exportieren…")(page);
      await page.locator("dialog [role=switch]:enabled").first().click();
    },
  },
  {
    name: "exported",
    path: "/i/ict",
    scenarios: ["healthy"],
    act: async (page) => {
      await entry("chevron-down", "Export…|Exportieren…")(page);
      await page.locator("dialog button.primary").click();
      await page.locator("dialog .banner").waitFor();
    },
  },
  { name: "remove", path: "/i/ict", scenarios: ["healthy", "outage"], act: entry("chevron-down", "Remove…|Entfernen…") },
  { name: "import", path: "/import", scenarios: ["empty"] },
  { name: "import-sealed", path: "/import", scenarios: ["healthy"], act: file("sealed.lineside.json") },
  { name: "import-pywats", path: "/import", scenarios: ["healthy"], act: file("client_config.json") },
  {
    name: "imported",
    path: "/import",
    scenarios: ["healthy"],
    act: async (page) => {
      await file("ict.lineside.json")(page);
      await page.locator("main button.primary").click();
      await page.locator("main .banner").waitFor();
    },
  },
  { name: "copy", path: "/import?of=ict", scenarios: ["healthy"], act: (page) => page.locator("main .problem").first().waitFor() },
  { name: "settings", path: "/settings", scenarios: ["healthy"] },
  { name: "settings-checked", path: "/settings", scenarios: ["healthy"], act: press("Run the check-up|Prüfung starten") },
  { name: "welcome", path: "/welcome", scenarios: ["empty"], act: wizardAt("name") },
  { name: "welcome-server", path: "/welcome", scenarios: ["empty"], act: wizardAt("server") },
  { name: "welcome-station", path: "/welcome", scenarios: ["empty"], act: wizardAt("station") },
  {
    name: "welcome-folder",
    path: "/welcome",
    scenarios: ["empty"],
    act: async (page) => {
      await wizardAt("folder")(page);
      await press("Look at a sample file…|Beispieldatei ansehen…")(page);
      await page.waitForSelector("main .banner");
    },
  },
  { name: "welcome-finish", path: "/welcome", scenarios: ["empty"], act: wizardAt("finish") },
  { name: "no-such-instance", path: "/i/nobody", scenarios: ["healthy"] },
];
