// One outline per tone in a 16×16 box, each told apart without colour: a ring, a dotted half, a disc with a tick, an arrow up, a triangle, an octagon with a cross.
import type { Tone } from "../backend/port";

export const outlines: Record<Tone, string> = {
  off: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 1.8a4.2 4.2 0 1 1 0 8.4 4.2 4.2 0 0 1 0-8.4Z",
  starting: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 1.8v8.4a4.2 4.2 0 0 1 0-8.4Z",
  ok: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm3.6 4.7-4.3 5a.9.9 0 0 1-1.3.1L4.1 9.4a.85.85 0 1 1 1.2-1.2l1.3 1.2 3.7-4.3a.85.85 0 1 1 1.3 1.1Z",
  busy: "M8 1.6 13.6 7.6H10.4V14.4H5.6V7.6H2.4Z",
  warning: "M8 1.6 15.2 14.2H.8ZM7.2 6.2v4h1.6v-4Zm0 5.2v1.5h1.6v-1.5Z",
  error:
    "M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1Zm.6 3.5L4.5 5.7 6.8 8l-2.3 2.3 1.2 1.2L8 9.2l2.3 2.3 1.2-1.2L9.2 8l2.3-2.3-1.2-1.2L8 6.8Z",
};
