// The settings of one instance while somebody edits them: a draft, its problems from the worker's own rules, and saving that notices when the file changed meanwhile.
// Knows no field by name; the screens say which pointer they edit.
import { backend } from "../backend";
import { type CommandError, isCommandError, type Json, messageOf, type Problem, type SettingsFile } from "../backend/port";
import { forgetDraft, type KeptDraft, keepDraft, keptDraft } from "./drafts";
import { type Change, differences, isFields, onTopOf, same, setAt, valueAt } from "./difference";

type Fields = { [key: string]: Json };

const checkAfter = 250;

export class SettingsForm {
  readonly id: string;
  file: SettingsFile | null = $state.raw(null);
  draft: Fields = $state({});
  problems: Problem[] = $state.raw([]);
  /** The file cannot be read: what is wrong with it, and where. */
  damaged: CommandError | null = $state.raw(null);
  failure: string | null = $state(null);
  saving = $state(false);
  /** The file as it is now, when somebody else changed it since this draft began. */
  theirs: SettingsFile | null = $state.raw(null);
  /** What was typed and not saved when the window was last closed, and is offered again. */
  kept: KeptDraft | null = $state.raw(null);
  dirty: boolean = $derived(this.file !== null && !same(this.file.settings, this.draft));
  #timer: ReturnType<typeof setTimeout> | undefined;
  #checks = 0;

  /** `fresh` is of an instance that does not exist yet. */
  constructor(
    id: string,
    readonly fresh = false,
  ) {
    this.id = id;
  }

  /** Settings of a new instance, as they were planned. */
  static of(planned: Json): SettingsForm {
    const form = new SettingsForm("", true);
    form.#take({ settings: planned, hash: "", warnings: [], problems: [], path: "", backup: false });
    return form;
  }

  async load(): Promise<void> {
    try {
      const file = await backend().loadSettings(this.id);
      this.#take(file);
      const kept = keptDraft(this.id);
      this.kept = kept && !same(kept.draft, file.settings) ? kept : null;
    } catch (error) {
      if (isCommandError(error) && error.code === "settings_unreadable") this.damaged = error;
      else this.failure = messageOf(error);
    }
  }

  /** The kept draft, on top of what the file says now. */
  goOn(): void {
    if (this.kept && this.file) this.replace(onTopOf(this.kept.base, this.kept.draft, this.file.settings) ?? this.file.settings);
    this.kept = null;
  }

  /** Nobody wants what is not saved any more: it was discarded, or the screen was left without it. */
  forget(): void {
    clearTimeout(this.#timer);
    forgetDraft(this.id);
    this.kept = null;
  }

  async restoreBackup(): Promise<void> {
    this.#take(await backend().restoreBackup(this.id));
  }

  get(pointer: string): Json | undefined {
    return valueAt(this.draft, pointer);
  }

  text(pointer: string): string {
    const value = this.get(pointer);
    return typeof value === "string" || typeof value === "number" ? String(value) : "";
  }

  /** `undefined` takes the field away, so that its default holds. */
  set(pointer: string, value: Json | undefined): void {
    setAt(this.draft, pointer, value);
    this.checkSoon();
  }

  /** Puts other settings in place of the draft; they are not saved by that. */
  replace(settings: Json): void {
    if (!isFields(settings)) return;
    this.draft = structuredClone(settings);
    this.checkSoon();
  }

  /** To be called after the draft was changed in place. */
  checkSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#keep();
      void this.check();
    }, checkAfter);
  }

  /** Asks the worker's rules; an answer that a newer question overtook is dropped. */
  async check(): Promise<void> {
    const turn = ++this.#checks;
    try {
      const problems = await backend().checkSettings(this.fresh ? null : this.id, this.#plain());
      if (turn === this.#checks) this.problems = problems;
    } catch (error) {
      if (turn === this.#checks) this.failure = messageOf(error);
    }
  }

  /** What is wrong at this field, or undefined. */
  problem(pointer: string): string | undefined {
    return this.problems.find((problem) => problem.pointer === pointer)?.message;
  }

  problemsUnder(pointer: string): Problem[] {
    return this.problems.filter((problem) => problem.pointer === pointer || problem.pointer.startsWith(`${pointer}/`));
  }

  discard(): void {
    this.forget();
    if (this.file) this.#take(this.file);
  }

  /** True when the file now is what is on the screen. */
  async save(): Promise<boolean> {
    const file = this.file;
    if (!file || this.saving) return false;
    this.saving = true;
    this.failure = null;
    try {
      const settings = this.#plain();
      const { hash } = await backend().saveSettings(this.id, settings, file.hash);
      this.forget();
      this.#take({ ...file, settings, hash, problems: [] });
      return true;
    } catch (error) {
      await this.#refused(error);
      return false;
    } finally {
      this.saving = false;
    }
  }

  /** What they changed, and what I did, since this draft began. */
  get theirChanges(): Change[] {
    return this.theirs && this.file ? differences(this.file.settings, this.theirs.settings) : [];
  }
  get myChanges(): Change[] {
    return this.file ? differences(this.file.settings, this.#plain()) : [];
  }

  /** Their file with my changes on top; still to be saved. */
  keepMine(): void {
    if (!this.theirs || !this.file) return;
    const merged = onTopOf(this.file.settings, this.#plain(), this.theirs.settings);
    this.file = this.theirs;
    this.theirs = null;
    if (isFields(merged)) this.draft = merged;
    this.checkSoon();
  }

  takeTheirs(): void {
    this.forget();
    if (this.theirs) this.#take(this.theirs);
  }

  async #refused(error: unknown): Promise<void> {
    if (isCommandError(error) && error.code === "changed") {
      this.theirs = await backend().loadSettings(this.id);
    } else if (isCommandError(error) && error.code === "invalid") {
      await this.check();
      this.failure = messageOf(error);
    } else {
      this.failure = messageOf(error);
    }
  }

  #keep(): void {
    if (this.fresh || !this.file) return;
    if (this.dirty) keepDraft(this.id, { at: Date.now(), base: this.file.settings, draft: this.#plain() });
    else forgetDraft(this.id);
  }

  #take(file: SettingsFile): void {
    clearTimeout(this.#timer);
    this.#checks += 1;
    this.file = file;
    this.draft = isFields(file.settings) ? structuredClone(file.settings) : {};
    this.problems = file.problems;
    this.theirs = null;
    this.damaged = null;
    this.failure = null;
  }

  #plain(): Fields {
    // The type of a snapshot of something recursive has no end.
    return $state.snapshot(this.draft as object) as Fields;
  }
}
