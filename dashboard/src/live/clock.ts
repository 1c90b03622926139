import { Cell } from './cell';

let offsetMs = 0;

/** The time of the server, as near as its last answer tells. Ages are told by it, because the clock of the browser may be wrong. */
export const serverNow = (): number => Date.now() + offsetMs;

export function noteServerTime(now: string): void {
  const offset = Date.parse(now) - Date.now();
  // A difference of less than this is the way of the answer.
  offsetMs = Math.abs(offset) < 2_000 || Number.isNaN(offset) ? 0 : offset;
}

/** Changes every second while the page is seen. */
export const second = new Cell(0);

setInterval(() => {
  if (!document.hidden) second.set(second.value + 1);
}, 1_000);
