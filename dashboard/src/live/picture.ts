import { Cell } from './cell';

/** What a question lacks whose answer is old. */
export interface Lack {
  /** When its last answer was true, by the clock of the browser; null if it has none. */
  readonly since: number | null;
  /** Whether the store is away. Otherwise the server has a fault. */
  readonly isStore: boolean;
}

/** Stands for the questions of the page before. */
const LEFT = {};

/** Which questions of the page have an answer that is old, because the last time they were asked they failed. */
class Picture {
  /** What the page as a whole lacks; null while every answer is that of the last question. */
  readonly lack = new Cell<Lack | null>(null);
  readonly #lacks = new Map<object, Lack>();

  /** Notes what a question lacks that was answered or failed, or that it lacks nothing. */
  note(question: object, lack: Lack | null): void {
    this.#lacks.delete(LEFT);
    if (lack === null) this.#lacks.delete(question);
    else this.#lacks.set(question, lack);
    this.lack.set(this.#worst());
  }

  /** Notes that a question is asked no more. What it lacked holds until another one is answered, so that a page that is opened does not begin as a fresh one. */
  leave(question: object): void {
    const lack = this.#lacks.get(question);
    if (!lack) return;
    this.#lacks.set(LEFT, lack);
    this.#lacks.delete(question);
  }

  /** The picture is as old as its oldest part. */
  #worst(): Lack | null {
    const lacks = [...this.#lacks.values()];
    if (lacks.length === 0) return null;
    const sinces = lacks.flatMap(({ since }) => (since === null ? [] : [since]));
    return { since: sinces.length === 0 ? null : Math.min(...sinces), isStore: lacks.some(({ isStore }) => isStore) };
  }
}

/** The picture that this page shows. */
export const picture = new Picture();
