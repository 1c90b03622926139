import type { Clock } from './clock';

/** Time in milliseconds that one turn of the event loop takes, and the items after which it is looked at. */
const TURN_MS = 10;
const LOOK_EVERY = 50;

/** Waits until other work of the process has had its turn. */
export const turnOfLoop = (clock: Pick<Clock, 'soon'>): Promise<void> => new Promise((done) => clock.soon(done));

/** Makes one thing of each item in order, and lets other work run whenever it has taken `TURN_MS`. */
export async function mapInTurns<Item, Made>(
  items: readonly Item[],
  make: (item: Item, index: number) => Made | Promise<Made>,
  clock: Pick<Clock, 'soon' | 'monotonic'>,
): Promise<Made[]> {
  const made: Made[] = [];
  let turnBeganAt = clock.monotonic();
  for (const [index, item] of items.entries()) {
    const one = make(item, index);
    made.push(one instanceof Promise ? await one : one);
    if (made.length % LOOK_EVERY > 0 || clock.monotonic() - turnBeganAt < TURN_MS) continue;
    await turnOfLoop(clock);
    turnBeganAt = clock.monotonic();
  }
  return made;
}
