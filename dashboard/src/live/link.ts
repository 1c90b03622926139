import { Cell } from './cell';

export type Kind = 'tasks' | 'queues' | 'processes' | 'batches' | 'schedules' | 'failures';

/** What changed: of which queues, or of all if `queues` is null. */
export interface Changed {
  readonly queues: readonly string[] | null;
  readonly kinds: readonly Kind[];
}

export type LinkState = 'opening' | 'live' | 'away' | 'paused';

const ALL: Changed = { queues: null, kinds: ['tasks', 'queues', 'processes', 'batches', 'schedules', 'failures'] };
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;

/** The stream of changes. It is closed while the page is hidden or paused, and opens again by itself when the server was away. */
class Link {
  readonly state = new Cell<LinkState>('opening');
  /** When the server last answered, by the clock of the browser. */
  answeredAt = Date.now();
  readonly #listeners = new Set<(changed: Changed) => void>();
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waitMs = FIRST_WAIT_MS;
  #wasOpen = false;

  start(): void {
    document.addEventListener('visibilitychange', () => this.#reopen());
    this.#reopen();
  }

  /** Stops or continues the updates. */
  toggle(): void {
    this.state.set(this.state.value === 'paused' ? 'opening' : 'paused');
    this.#reopen();
  }

  onChange(listener: (changed: Changed) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Tells that this page changed something, so that its parts look at once. */
  announce(): void {
    this.#tell(ALL);
  }

  noteAnswer(): void {
    this.answeredAt = Date.now();
    this.noteServer();
  }

  /** Notes that the server is there, also if its store is not. */
  noteServer(): void {
    if (this.state.value === 'away') this.state.set('live');
  }

  noteAway(): void {
    if (this.state.value !== 'paused') this.state.set('away');
  }

  #reopen(): void {
    this.#source?.close();
    clearTimeout(this.#timer);
    if (document.hidden || this.state.value === 'paused') return;
    this.#open();
  }

  #open(): void {
    const source = new EventSource(new URL('v1/admin/stream', document.baseURI).href);
    this.#source = source;
    source.onopen = () => this.#opened();
    source.addEventListener('changed', ({ data }) => {
      this.noteAnswer();
      this.#tell(changedOf(String(data)));
    });
    source.onerror = () => this.#failed(source);
  }

  #opened(): void {
    this.#waitMs = FIRST_WAIT_MS;
    this.noteAnswer();
    this.state.set('live');
    // What changed in between was told to nobody.
    if (this.#wasOpen) this.#tell(ALL);
    this.#wasOpen = true;
  }

  /**
   * Opens the stream again soon: a browser gives up after an answer that is none, and otherwise waits for seconds. Meanwhile the parts look by themselves.
   * Whether the server is away is told by their calls, because a proxy may let no stream through.
   */
  #failed(source: EventSource): void {
    source.close();
    if (source !== this.#source) return;
    this.#wasOpen = true;
    if (this.state.value === 'opening') this.state.set('live');
    this.#tell(ALL);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#reopen(), this.#waitMs * (0.8 + Math.random() * 0.4));
    this.#waitMs = Math.min(2 * this.#waitMs, LONGEST_WAIT_MS);
  }

  #tell(changed: Changed): void {
    for (const listener of [...this.#listeners]) listener(changed);
  }
}

function changedOf(data: string): Changed {
  try {
    return { ...ALL, ...(JSON.parse(data) as Partial<Changed>) };
  } catch {
    return ALL;
  }
}

/** The link of this page. */
export const link = new Link();
