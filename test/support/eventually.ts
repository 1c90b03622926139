import { setTimeout as wait } from 'node:timers/promises';
import { HoldfastError } from '../../modules/errors/holdfastError';

const LOOK_EVERY_MS = 20;
const DEADLINE_MS = 50_000;

type Truthy<T> = Exclude<T, false | null | undefined | 0 | ''>;

/**
 * Repeats a look until it returns something truthy, and returns that. A look that throws has seen nothing.
 *
 * The deadline is generous: it shows that something never came, not that it came slowly.
 */
export async function eventually<T>(what: string, look: () => T | Promise<T>, deadlineMs = DEADLINE_MS): Promise<Truthy<T>> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const seen = await attempt(look);
    if (seen.value) return seen.value as Truthy<T>;
    if (performance.now() > deadline) throw new Error(`never seen within ${deadlineMs} ms: ${what}`, { cause: seen.error });
    await wait(LOOK_EVERY_MS);
  }
}

async function attempt<T>(look: () => T | Promise<T>): Promise<{ value?: T; error?: unknown }> {
  try {
    return { value: await look() };
  } catch (error) {
    return { error };
  }
}

/** A promise that the test resolves. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function makeGate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

/** Resolves when a signal fires, with the code of its reason. */
export function codeOfAbort(signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const tell = (): void => resolve(signal.reason instanceof HoldfastError ? signal.reason.code : `no HoldfastError: ${String(signal.reason)}`);
    if (signal.aborted) tell();
    else signal.addEventListener('abort', tell, { once: true });
  });
}

/** Returns the HoldfastError of a call. Fails if the call succeeds. */
export async function refusalOf(call: () => unknown): Promise<HoldfastError> {
  let answer: unknown;
  try {
    answer = await call();
  } catch (error) {
    if (error instanceof HoldfastError) return error;
    throw new Error(`refused without a code: ${String(error)}`, { cause: error });
  }
  throw new Error(`not refused, but answered ${JSON.stringify(answer)}`);
}
