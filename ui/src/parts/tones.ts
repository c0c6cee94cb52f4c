// One outline per tone in a 16×16 box, each told apart without colour, the same as in icons/tray/: a ring, an hourglass, a disc with a tick, an arrow up, a triangle, a square with a cross.
import type { Tone } from "../backend/port";

export const outlines: Record<Tone, string> = {
  off: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 1.8a4.2 4.2 0 1 1 0 8.4 4.2 4.2 0 0 1 0-8.4Z",
  starting: "M2.8 1.5h10.4v1.9L9.5 8l3.7 4.6v1.9H2.8v-1.9L6.5 8 2.8 3.4Z",
  ok: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm3.6 4.7-4.3 5a.9.9 0 0 1-1.3.1L4.1 9.4a.85.85 0 1 1 1.2-1.2l1.3 1.2 3.7-4.3a.85.85 0 1 1 1.3 1.1Z",
  busy: "M8 1.6 13.6 7.6H10.4V14.4H5.6V7.6H2.4Z",
  warning: "M8 1.6 15.2 14.2H.8ZM7.2 6.2v4h1.6v-4Zm0 5.2v1.5h1.6v-1.5Z",
  error:
    "M3.6 1.5h8.8a2.1 2.1 0 0 1 2.1 2.1v8.8a2.1 2.1 0 0 1-2.1 2.1H3.6a2.1 2.1 0 0 1-2.1-2.1V3.6A2.1 2.1 0 0 1 3.6 1.5ZM5.6 4.3 4.3 5.6 6.7 8l-2.4 2.4 1.3 1.3L8 9.3l2.4 2.4 1.3-1.3L9.3 8l2.4-2.4-1.3-1.3L8 6.7Z",
};
