/** A line of the screen, and when it was shown, in seconds from the beginning. A line that is replaced ends when the next one begins. */
export interface ShownLine {
  readonly row: number;
  readonly text: string;
  readonly from: number;
  readonly until: number | null;
}

/** To the beginning of the line, and erase it. */
const ERASE = '\r\u001b[K';

/** Follows what a program writes to a terminal: whole lines, and a live line that `\r` and "erase line" replace. */
export class Screen {
  readonly #shown: { row: number; text: string; from: number; until: number | null }[] = [];
  #row = 0;
  #text = '';

  get lines(): readonly ShownLine[] {
    return this.#shown;
  }

  get rows(): number {
    return this.#row + 1;
  }

  write(chunk: string, at: number): void {
    for (const part of chunk.replaceAll(ERASE, '\r').split(/([\n\r])/)) {
      if (part === '\n') {
        this.#row += 1;
        this.#text = '';
      } else if (part === '\r') this.#text = '';
      else if (part !== '') this.#show(this.#text + part, at);
    }
  }

  #show(text: string, at: number): void {
    const last = this.#shown.at(-1);
    if (last?.row === this.#row) last.until = at;
    this.#text = text;
    this.#shown.push({ row: this.#row, text, from: at, until: null });
  }
}
