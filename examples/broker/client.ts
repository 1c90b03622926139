import { setTimeout as sleep } from 'node:timers/promises';

/** The queue of the demonstration. */
export const QUEUE = 'demo';

/** An answer of the broker. */
export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

/** Time between two tries while the broker is away. */
const AGAIN_MS = 100;

/** Posts to the broker, and again while it is away: it may be killed at any moment. `isOver` ends the tries. */
export async function post<Body>(
  url: string,
  path: string,
  given: object,
  headers: Readonly<Record<string, string>> = {},
  isOver = () => false,
): Promise<Answer<Body>> {
  for (;;) {
    try {
      const request = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(given) };
      const response = await fetch(`${url}/v1/queues/${QUEUE}/${path}`, request);
      const text = await response.text();
      if (response.status !== 503) return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Body };
    } catch {
      // The connection was refused or broken.
    }
    if (isOver()) return { status: 0, body: {} as Body };
    await sleep(AGAIN_MS);
  }
}

/** Stops a process of the demonstration at the end of what it does now, when its parent says so or is gone. */
export function untilTold(): () => boolean {
  let isOver = false;
  const end = (): void => void (isOver = true);
  process.once('SIGTERM', end);
  process.once('disconnect', end);
  process.on('SIGINT', end);
  return () => isOver;
}
