import { BrokerError } from '../../modules/client/brokerError';

/** Most entries of one request, and most characters of them: the server takes 100, and 8 MiB. */
const MOST_ENTRIES = 100;
const MOST_CHARACTERS = 2 * 1024 * 1024;

/** Makes one request of several entries, each of them JSON text, and answers for each. */
export type SendEntries<Answer> = (entries: readonly string[]) => Promise<readonly (Answer | BrokerError)[]>;

interface Waiting<Answer> {
  readonly entry: string;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Makes requests of many entries out of calls of one. A request closes when the one before has its answer, not on a timer: a single call waits for
 * nothing, and entries keep their order.
 */
export class Coalescer<Answer> {
  readonly #send: SendEntries<Answer>;
  #waiting: Waiting<Answer>[] = [];
  #running: Promise<void> | undefined;

  constructor(send: SendEntries<Answer>) {
    this.#send = send;
  }

  /** Resolves when nothing is under way. */
  get idle(): Promise<void> | undefined {
    return this.#running;
  }

  push(entry: string): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject });
      // The calls of one turn come together.
      this.#running ??= Promise.resolve().then(() => this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#next());
      await this.#sendBatch(batch);
    }
    this.#running = undefined;
  }

  #next(): number {
    let characters = 0;
    for (const [index, { entry }] of this.#waiting.entries()) {
      characters += entry.length;
      if (index === MOST_ENTRIES || (characters > MOST_CHARACTERS && index > 0)) return index;
    }
    return this.#waiting.length;
  }

  async #sendBatch(batch: readonly Waiting<Answer>[]): Promise<void> {
    try {
      const answers = await this.#send(batch.map(({ entry }) => entry));
      batch.forEach(({ resolve, reject }, index) => {
        const answer = answers[index] as Answer | BrokerError;
        if (answer instanceof BrokerError) reject(answer);
        else resolve(answer);
      });
    } catch (error) {
      // A request that is refused as a whole did nothing: one entry is at fault, and must not be that of the others.
      if (batch.length > 1 && isOfOneEntry(error)) for (const one of batch) await this.#sendBatch([one]);
      else for (const { reject } of batch) reject(error);
    }
  }
}

const isOfOneEntry = (error: unknown): boolean => error instanceof BrokerError && (error.status === 400 || error.status === 413);
