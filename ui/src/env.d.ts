/// <reference types="svelte" />
/// <reference types="vite/client" />

/** Whether the fake backend is in this build. */
declare const __FAKE__: boolean;
