// Starts the page: the backend, the app's settings, then the screens.
import "./locale"; // before anything that asks for the language
import { mount } from "svelte";
import App from "./App.svelte";
import { chooseBackend } from "./backend";
import "./base.css";
import { app } from "./state/app.svelte";
import "./tokens.css";

async function start(): Promise<void> {
  const target = document.getElementById("app");
  if (!target) throw new Error("index.html has no #app");
  await chooseBackend();
  // Without an answer the page still opens, and says what is wrong.
  await app.load().catch(console.error);
  mount(App, { target });
}

void start();
