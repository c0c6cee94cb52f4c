// A system without a language (LANG=C, as in containers) calls it "C", which Intl refuses; a library that asks for it while it is loaded would leave the page blank.
try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: "en", configurable: true });
}

export {};
