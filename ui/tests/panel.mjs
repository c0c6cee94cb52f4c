// The tray's states in a real panel, xfce4-panel on a screen nobody sees, light and dark, with tooltip and menu: pictures in target/screenshots/panel/. Linux only.
// The app is the real one of target/debug. What it looks at is written here as a worker writes it, so that each state stays as long as it is looked at.
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const target = fileURLToPath(new URL("../../target", import.meta.url));
const to = join(target, "screenshots/panel");
const bars = { light: "Adwaita", dark: "Adwaita:dark" };
const screen = { width: 900, height: 460 };
const states = {
  off: null,
  starting: ["startup", "Looking for what was left over."],
  ok: ["idle", "Everything that was found has been sent."],
  busy: ["busy", "14 reports are on their way."],
  warning: ["warning", "1 file was rejected: line 11, column 35: no number."],
  error: ["error", "Cannot reach northwind.wats.example for 26 minutes."],
};

/** Starts a program that ends with `desk`. */
function start(desk, program, args, options = {}) {
  const child = spawn(program, args, { env: desk.env, stdio: ["ignore", "ignore", "ignore"], ...options });
  desk.children.push(child);
  return child;
}

/** The first line a program says. */
async function says(child) {
  for await (const text of child.stdout.setEncoding("utf8")) if (text.trim() !== "") return text.trim().split("\n")[0];
  throw new Error("a program of the desktop did not start");
}

async function until(what, holds) {
  for (let tries = 0; tries < 150; tries++) {
    if (await holds()) return;
    await wait(200);
  }
  throw new Error(`waited in vain until ${what}`);
}

/** A screen, a bus and a panel with nothing on it but tray icons, at the right end of the lower edge. */
async function desktop(theme) {
  const home = mkdtempSync(join(tmpdir(), "lineside-panel-"));
  const desk = { home, children: [], env: { ...process.env, GTK_THEME: theme, GDK_BACKEND: "x11", NO_AT_BRIDGE: "1", LC_ALL: "C.UTF-8" } };
  for (const [name, folder] of Object.entries({ CONFIG: "config", CACHE: "cache", DATA: "data" }))
    desk.env[`XDG_${name}_HOME`] = join(home, folder);
  Object.assign(desk.env, { XDG_RUNTIME_DIR: home, LINESIDE_HOME: join(home, "lineside") });
  const pipe = { stdio: ["ignore", "pipe", "ignore"] };
  const size = `${screen.width}x${screen.height}x24`;
  desk.env.DISPLAY = `:${await says(start(desk, "Xvfb", ["-displayfd", "1", "-wr", "-screen", "0", size, "-nolisten", "tcp"], pipe))}`;
  const bus = ["--session", "--nofork", "--nopidfile", "--print-address=1"];
  desk.env.DBUS_SESSION_BUS_ADDRESS = await says(start(desk, "dbus-daemon", bus, pipe));
  const settings = join(home, "config/xfce4/xfconf/xfce-perchannel-xml");
  mkdirSync(settings, { recursive: true });
  writeFileSync(join(settings, "xfce4-panel.xml"), panelSettings());
  start(desk, "xfce4-panel", ["--disable-wm-check"]);
  await until("the panel is up", () => isOnTheBus(desk, "org.kde.StatusNotifierWatcher"));
  return desk;
}

function panelSettings() {
  const value = (name, type, value) => `<property name="${name}" type="${type}" value="${value}"/>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  ${value("configver", "int", 2)}
  <property name="panels" type="array"><value type="int" value="1"/>
    <property name="panel-1" type="empty">
      ${value("position", "string", `p=8;x=${screen.width / 2};y=${screen.height - 20}`)}
      ${value("length", "uint", 100)}${value("position-locked", "bool", true)}${value("size", "uint", 40)}${value("icon-size", "uint", 22)}
      <property name="plugin-ids" type="array"><value type="int" value="1"/><value type="int" value="2"/></property>
    </property></property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="separator">${value("expand", "bool", true)}${value("style", "uint", 0)}</property>
    <property name="plugin-2" type="string" value="systray">${value("square-icons", "bool", true)}</property>
  </property>
</channel>`;
}

function isOnTheBus(desk, name) {
  const asked = ["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner", `string:${name}`];
  return execFileSync("dbus-send", asked, { env: desk.env, encoding: "utf8" }).includes("true");
}

/** An instance that is set up, with nothing running yet. */
function instance(desk, id, name) {
  const lineside = (...args) => execFileSync(join(target, "debug/lineside"), args, { env: desk.env, stdio: "ignore" });
  lineside("init", id, "--server", "https://northwind.wats.example", "--station", name, "--watch", join(desk.home, id));
  lineside("--instance", id, "config", "set", "instance_name", name);
  return join(desk.env.LINESIDE_HOME, "instances", id);
}

/** Keeps an instance in a state: holds its guard, and writes lock and heartbeat. */
function worker(desk, folder, [status, message], queued) {
  const child = start(desk, "flock", ["--no-fork", join(folder, "service.guard"), "sleep", "600"]);
  const now = new Date().toISOString();
  const write = (name, content) => {
    writeFileSync(join(folder, `.${name}`), JSON.stringify(content));
    renameSync(join(folder, `.${name}`), join(folder, name));
  };
  const beat = () => {
    const queue = { queued, processing: 0, error: 0 };
    write("status.json", {
      schema_version: 1,
      status,
      message,
      pid: child.pid,
      started_at: now,
      updated_at: new Date().toISOString(),
      queue,
    });
  };
  beat();
  write("service.lock", { pid: child.pid, started_at: now, managed_by: "tray" });
  const timer = setInterval(beat, 2000);
  return () => {
    clearInterval(timer);
    rmSync(join(folder, "service.lock"));
    child.kill();
  };
}

const photograph = (desk, name, area) =>
  execFileSync("import", ["-window", "root", ...(area ? ["-crop", area, "+repage"] : []), join(to, `${name}.png`)], { env: desk.env });
const pixels = (desk) =>
  execFileSync("import", ["-window", "root", "-crop", bar, "rgb:-"], { env: desk.env, maxBuffer: 1e8 }).toString("base64");
const bar = `200x40+${screen.width - 200}+${screen.height - 40}`;
const point = (desk, ...doing) => execFileSync("xdotool", doing, { env: desk.env });

async function look(theme) {
  const desk = await desktop(bars[theme]);
  try {
    const [ict, fct] = [instance(desk, "ict", "ICT line 3"), instance(desk, "fct", "FCT end of line")];
    const empty = pixels(desk);
    start(desk, join(target, "debug/lineside-tray"), ["--hidden"]);
    let before = empty;
    for (const [name, state] of Object.entries(states)) {
      const stop = state && [worker(desk, ict, state, name === "busy" ? 14 : 0), worker(desk, fct, states.ok, 0)];
      await until(`the panel shows ${name}`, () => pixels(desk) !== before);
      await wait(1500);
      before = pixels(desk);
      photograph(desk, `${theme}-${name}`, bar);
      // A tooltip waits for a pointer that moves and then rests.
      for (const x of [26, 23, 20]) point(desk, "mousemove", `${screen.width - x}`, `${screen.height - 20}`);
      await wait(1500);
      photograph(desk, `${theme}-${name}-tooltip`);
      if (name === "warning" || name === "off") {
        point(desk, "click", "3");
        await wait(1500);
        photograph(desk, `${theme}-${name}-menu`, `420x260+${screen.width - 420}+${screen.height - 260}`);
        point(desk, "key", "Escape");
      }
      point(desk, "mousemove", "10", "10");
      await wait(1000);
      before = pixels(desk);
      for (const end of stop || []) end();
    }
  } finally {
    for (const child of desk.children.reverse()) child.kill();
    await wait(500);
    rmSync(desk.home, { recursive: true, force: true });
  }
}

mkdirSync(to, { recursive: true });
for (const theme of Object.keys(bars)) await look(theme);
if (process.argv[2] === "--readme") {
  const docs = fileURLToPath(new URL("../../docs/pictures", import.meta.url));
  mkdirSync(docs, { recursive: true });
  copyFileSync(join(to, "light-warning-menu.png"), join(docs, "tray.png"));
}
console.log(`the tray in a panel: ${to}`);
