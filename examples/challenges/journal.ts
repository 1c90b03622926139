import { fsyncSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** What the service, the mail server and the crew write down. */
export type Entry =
  /** The service has received the head and body of a PUT. A worker sends the same key each time that it sends this PUT. */
  | { readonly did: 'received'; readonly challengeId: number; readonly key: string; readonly at: number }
  /** The service has committed a message, and answers so next. */
  | { readonly did: 'posted'; readonly messageId: string; readonly at: number }
  /** The mail server has accepted a mail about a message, and answers so next. `from` is what the worker called itself. */
  | { readonly did: 'accepted'; readonly to: string; readonly about: string; readonly from: string; readonly mailId: string; readonly at: number }
  /** The mail server has refused a recipient, for now or for good. */
  | { readonly did: 'refused'; readonly to: string; readonly code: number; readonly at: number }
  /** A process has started its work, or the crew has killed it. `name` is what a worker calls itself to the mail server. */
  | { readonly did: 'started' | 'killed'; readonly what: 'worker' | 'service'; readonly name: string; readonly at: number };

/** The journal of one process. An entry is on the disk when `write` returns, so it outlives its process, and its machine too. */
export class Journal {
  readonly #file: number;

  constructor(folder: string, name: string) {
    this.#file = openSync(join(folder, `${name}.journal`), 'a');
  }

  write(entry: Entry): void {
    writeSync(this.#file, `${JSON.stringify(entry)}\n`);
    fsyncSync(this.#file);
  }
}

/** Reads all journals of a folder, each in its order. A last line without its end belongs to a process that was killed while it wrote. */
export const readJournals = (folder: string): Entry[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.journal'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1))
    .map((line) => JSON.parse(line) as Entry);
