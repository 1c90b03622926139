import { get, Refusal } from '../api/client';
import { link } from './link';
import { picture } from './picture';

/** The least time between two looks, and how much longer than the last answer took. A slow server is asked less often. */
const LEAST_GAP_MS = 1_000;
const GAP_BY_DURATION = 8;

/** Time after which a question that failed is asked again by itself. */
const AGAIN_MS = 3_000;

/** Age of an answer from which its server had it no newer. A server keeps one for a second while its store answers. */
const OLD_MS = 3_000;

/** What an answer may tell of its own age. */
interface Dated {
  readonly now?: string;
  readonly takenAt?: string;
}

/** Asks an address again whenever it is told that something has changed, and after a fault by itself. */
export class Asker<T> {
  data: T | undefined;
  error: unknown;
  shown: string | null = null;
  path: string | null = null;
  readonly #draw: () => void;
  #calls = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  #isStale = false;
  #nextAt = 0;
  #answeredAt: number | null = null;

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
    this.#stopTimers();
    if (this.path !== null && !this.#isAsking) void this.#ask(this.path, this.#calls.signal);
  }

  end(): void {
    this.#stopTimers();
    this.#calls.abort();
    picture.leave(this);
  }

  #stopTimers(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#again);
    this.#timer = undefined;
  }

  async #ask(path: string, signal: AbortSignal): Promise<void> {
    this.#isAsking = true;
    this.#isStale = false;
    const began = performance.now();
    try {
      const data = await get<T>(path, signal);
      if (!signal.aborted) this.#answered(path, data, performance.now() - began);
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
    }
    if (signal.aborted) return;
    this.#isAsking = false;
    this.#draw();
    if (this.#isStale) this.nudge();
  }

  #answered(path: string, data: T, tookMs: number): void {
    this.#nextAt = performance.now() + Math.max(LEAST_GAP_MS, GAP_BY_DURATION * tookMs);
    const ageMs = ageOf(data as Dated | null);
    this.#answeredAt = Date.now() - ageMs;
    Object.assign(this, { data, error: undefined, shown: path });
    picture.note(this, ageMs < OLD_MS ? null : { since: this.#answeredAt, isStore: true });
  }

  /** A call that failed says nothing of how much a call costs: it has waited for its time limit. */
  #failed(error: unknown): void {
    this.#nextAt = performance.now() + LEAST_GAP_MS;
    this.error = error;
    if (!isFault(error)) return picture.note(this, null);
    const isStore = error instanceof Refusal && error.code === 'store_unavailable';
    picture.note(this, { since: this.#answeredAt, isStore });
    this.#askAgain();
  }

  #askAgain(): void {
    clearTimeout(this.#again);
    const isQuiet = (): boolean => document.hidden || link.state.value === 'paused';
    this.#again = setTimeout(() => (isQuiet() ? this.#askAgain() : this.refresh()), AGAIN_MS);
  }
}

/** Tells whether a call may succeed later as it is. A refusal stays one. */
const isFault = (error: unknown): boolean => !(error instanceof Refusal) || error.status >= 500 || error.status === 429;

function ageOf(data: Dated | null): number {
  const ageMs = data?.now && data.takenAt ? Date.parse(data.now) - Date.parse(data.takenAt) : 0;
  return Number.isNaN(ageMs) ? 0 : Math.max(0, ageMs);
}
