import { EXIT_CODES } from '../../constants/exitCodes';
import { exitCodeOf } from '../../modules/errors/exitCodeOf';
import type { TopView } from '../../modules/cli/topLines';
import type { Terminal } from './output';

/** Codes of terminals: another screen without a cursor, and back; the beginning of the screen; the rest of a line and of the screen. */
const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_REST = '\u001b[J';

/** Ctrl-C as a terminal without its own signals sends it. */
const CTRL_C = '\u0003';

const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

/** The parts of a LiveView. */
export interface LiveParts {
  readonly terminal: Terminal;
  readonly read: () => Promise<TopView>;
  readonly render: (view: TopView) => readonly string[];
  readonly everyMs: number;
}

/** Shows a view on the whole terminal, and reads it again and again, until a key or a signal ends it. The terminal is then as it was. */
export class LiveView {
  readonly #parts: LiveParts;
  #view: TopView | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  #end: (code: number) => void = () => undefined;

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  /**
   * Returns the exit code: 0 after a key, 128 and its number after a signal.
   *
   * @throws the error of the first read; later ones are shown, with the view before.
   */
  async run(): Promise<number> {
    const { read, terminal } = this.#parts;
    this.#view = await read();
    const ended = new Promise<number>((resolve) => (this.#end = resolve));
    const { input, out } = terminal;
    const onKey = (key: Buffer): void => this.#noteKey(key.toString());
    const onResize = (): void => this.#draw();
    const listeners = Object.entries(SIGNALS).map(([name, number]) => [name, () => this.#end(EXIT_CODES.signal + number)] as const);
    input.setRawMode(true);
    input.resume().on('data', onKey);
    out.on('resize', onResize);
    for (const [name, listener] of listeners) process.on(name, listener);
    out.write(ENTER);
    try {
      this.#draw();
      this.#readLater();
      return await ended;
    } finally {
      this.#isOver = true;
      clearTimeout(this.#timer);
      out.write(LEAVE);
      out.off('resize', onResize);
      input.off('data', onKey).pause();
      input.setRawMode(false);
      for (const [name, listener] of listeners) process.off(name, listener);
    }
  }

  #noteKey(key: string): void {
    if (key === 'q' || key === 'Q') this.#end(0);
    if (key === CTRL_C) this.#end(EXIT_CODES.signal + SIGNALS.SIGINT);
  }

  #readLater(): void {
    this.#timer = setTimeout(() => void this.#read(), this.#parts.everyMs);
  }

  async #read(): Promise<void> {
    try {
      this.#view = await this.#parts.read();
    } catch (error) {
      if (this.#view) this.#view = { ...this.#view, fault: exitCodeOf(error).text };
    }
    if (this.#isOver) return;
    this.#draw();
    this.#readLater();
  }

  /** Writes over what is there, line by line: a cleared screen would flicker. */
  #draw(): void {
    if (!this.#view || this.#isOver) return;
    const lines = this.#parts.render(this.#view).map((line) => `${line}${CLEAR_LINE}`);
    this.#parts.terminal.out.write(`${HOME}${lines.join('\n')}${CLEAR_REST}`);
  }
}
