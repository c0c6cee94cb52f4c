// The app's own settings as the page uses them: language, theme, which pages are shown. Kept by the app, applied here.
import { backend } from "../backend";
import type { AppSettings } from "../backend/port";
import { useLanguage } from "../text/index.svelte";

const fallback: AppSettings = { language: "system", theme: "system", notifications: true, start_with_computer: false, flags: {} };

class App {
  settings: AppSettings = $state.raw(fallback);
  #dark = window.matchMedia("(prefers-color-scheme: dark)");
  /** What is shown now; charts draw again when it changes. */
  theme: "light" | "dark" = $state("light");

  async load(): Promise<void> {
    this.#dark.addEventListener("change", () => this.#apply());
    this.#apply();
    this.settings = await backend().appSettings();
    this.#apply();
  }

  async save(change: Partial<AppSettings>): Promise<void> {
    this.settings = await backend().saveAppSettings({ ...this.settings, ...change });
    this.#apply();
  }

  /** A page that the settings hide is not in the navigation. */
  shows(page: string): boolean {
    return this.settings.flags[page] !== false;
  }

  #apply(): void {
    const { theme, language } = this.settings;
    this.theme = theme === "system" ? (this.#dark.matches ? "dark" : "light") : theme;
    document.documentElement.dataset["theme"] = this.theme;
    useLanguage(language === "system" ? (navigator.language.toLowerCase().startsWith("de") ? "de" : "en") : language);
  }
}

export const app = new App();
