import type { Writable } from 'node:stream';
import pc from 'picocolors';
import { renderTable } from '../../modules/cli/renderTable';
import type { Column } from '../../modules/cli/renderTable';
import { oneLine } from '../../modules/values/oneLine';

/** A stream that may be a terminal. */
export type Screen = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** The streams and variables of a command. */
export interface Terminal {
  readonly input: NodeJS.ReadStream;
  readonly out: Screen;
  readonly err: Screen;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** How the data is written. */
export interface OutputForm {
  readonly output: 'table' | 'json' | 'jsonl';
  readonly color: boolean;
}

export type Colors = ReturnType<typeof pc.createColors>;

/** Writes the data of a command to the standard output, and all else to the standard error. */
export class Output {
  readonly #terminal: Terminal;
  readonly #form: OutputForm;
  /** The colours of the standard output; none where they are not wanted or not shown. */
  readonly colors: Colors;

  constructor(terminal: Terminal, form: OutputForm) {
    this.#terminal = terminal;
    this.#form = form;
    this.colors = pc.createColors(form.color && isColored(terminal));
  }

  /** True for JSON, which programs read. */
  get isJson(): boolean {
    return this.#form.output !== 'table';
  }

  /** Writes rows: as a table, as one document, or as one document a row. */
  rows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], document: unknown = rows): void {
    if (this.#form.output === 'json') return this.#json(document);
    if (this.#form.output === 'jsonl') return rows.forEach((row) => this.#json(row));
    const { isTTY, columns: width } = this.#terminal.out;
    this.text(renderTable(columns, rows, { width: isTTY ? width : undefined, bold: this.colors.bold }));
  }

  /** Writes one thing: as a document, or as the lines that are made of it. */
  one<Thing>(thing: Thing, lines: (thing: Thing, colors: Colors) => readonly string[]): void {
    if (this.isJson) return this.#json(thing);
    for (const line of lines(thing, this.colors)) this.text(line);
  }

  /** Writes a line to the standard output. */
  text(line: string): void {
    this.#terminal.out.write(`${line}\n`);
  }

  /** Tells something that is no data. */
  note(line: string): void {
    this.#terminal.err.write(`${oneLine(line)}\n`);
  }

  #json(value: unknown): void {
    this.text(JSON.stringify(value));
  }
}

/** Returns the output of a command whose only form besides a table is that of `--json`. */
export const outputOf = ({ json }: { readonly json?: unknown }): Output =>
  new Output(
    { input: process.stdin, out: process.stdout, err: process.stderr, variables: process.env },
    { output: json === true ? 'json' : 'table', color: true },
  );

/** Colours are for a terminal, unless the user says otherwise: see no-color.org. */
function isColored({ out, variables }: Terminal): boolean {
  if (variables['NO_COLOR']) return false;
  if (variables['FORCE_COLOR'] && variables['FORCE_COLOR'] !== '0') return true;
  return out.isTTY === true && variables['TERM'] !== 'dumb';
}
