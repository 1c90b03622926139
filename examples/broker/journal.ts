import { appendFileSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What producers and consumers write down. A line is whole or missing: a process may be killed at any moment. */
export type Entry =
  | { readonly did: 'sent'; readonly id: string }
  | { readonly did: 'refused'; readonly what: string; readonly status: number }
  | { readonly did: 'got' | 'acked'; readonly id: string; readonly count: number }
  | { readonly did: 'worked' | 'forgot' | 'late' | 'rejected'; readonly id: string };

/** The journal of one process. What is written survives the death of its process. */
export class Journal {
  readonly #file: number;

  constructor(folder: string, name: string) {
    this.#file = openSync(join(folder, `${name}.journal`), 'a');
  }

  write(entry: Entry): void {
    appendFileSync(this.#file, `${JSON.stringify(entry)}\n`);
  }
}

/** The entries of one process, in order. */
export interface Told {
  readonly process: string;
  readonly entries: readonly Entry[];
}

/** Reads all journals of a folder. */
export function readJournals(folder: string): Told[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.journal'))
    .map((name) => ({ process: name.replace('.journal', ''), entries: entriesOf(readFileSync(join(folder, name), 'utf8')) }));
}

const entriesOf = (text: string): Entry[] =>
  text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Entry]));
