import { useEffect, useReducer, useRef } from 'preact/hooks';
import { get } from '../api/client';
import { link } from './link';
import type { Changed, Kind } from './link';

/** The least time between two looks, and how much longer than the last answer took. A slow server is asked less often. */
const LEAST_GAP_MS = 1_000;
const GAP_BY_DURATION = 8;

/** What the page knows of an address of the API. */
export interface Answer<T> {
  /** The last answer. While the next one is on its way, it stays. */
  readonly data: T | undefined;
  readonly error: unknown;
  /** True while the answer of another address is shown. */
  readonly isOld: boolean;
  readonly refresh: () => void;
}

/** Asks an address again whenever something of these kinds changes. */
class Asker<T> {
  data: T | undefined;
  error: unknown;
  shown: string | null = null;
  path: string | null = null;
  readonly #draw: () => void;
  #calls = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  #isStale = false;
  #nextAt = 0;

  constructor(draw: () => void) {
    this.#draw = draw;
  }

  look(path: string | null): void {
    this.end();
    this.path = path;
    this.#calls = new AbortController();
    this.#isAsking = false;
    if (path !== null) void this.#ask(path, this.#calls.signal);
  }

  /** Asks soon, and once for all that is told meanwhile. */
  nudge(): void {
    if (this.#isAsking) this.#isStale = true;
    else if (this.path !== null && this.#timer === undefined) {
      this.#timer = setTimeout(() => this.refresh(), Math.max(0, this.#nextAt - performance.now()));
    }
  }

  refresh(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.path !== null && !this.#isAsking) void this.#ask(this.path, this.#calls.signal);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#calls.abort();
  }

  async #ask(path: string, signal: AbortSignal): Promise<void> {
    this.#isAsking = true;
    this.#isStale = false;
    const began = performance.now();
    const { data = this.data, error } = await get<T>(path, signal).then<{ data?: T; error: unknown }, { data?: T; error: unknown }>(
      (answer) => ({ data: answer, error: undefined }),
      (failure: unknown) => ({ error: failure }),
    );
    if (signal.aborted) return;
    this.#isAsking = false;
    this.#nextAt = performance.now() + Math.max(LEAST_GAP_MS, GAP_BY_DURATION * (performance.now() - began));
    Object.assign(this, { data, error, shown: error === undefined ? path : this.shown });
    this.#draw();
    if (this.#isStale) this.nudge();
  }
}

/**
 * Returns the answer of an address, kept up to date.
 *
 * @param path the address, or null for none.
 * @param kinds what it tells of.
 * @param queue the queue that it tells of, if it is of one.
 */
export function useAnswer<T>(path: string | null, kinds: readonly Kind[], queue?: string): Answer<T> {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const held = useRef<Asker<T> | undefined>(undefined);
  const asker = (held.current ??= new Asker<T>(() => draw(0)));
  useEffect(() => {
    asker.look(path);
    const isOurs = (changed: Changed): boolean =>
      kinds.some((kind) => changed.kinds.includes(kind)) && (queue === undefined || changed.queues === null || changed.queues.includes(queue));
    const end = link.onChange((changed) => isOurs(changed) && asker.nudge());
    return () => {
      end();
      asker.end();
    };
  }, [path]);
  return { data: asker.data, error: asker.error, isOld: asker.shown !== path, refresh: () => asker.refresh() };
}
