import { useEffect, useReducer } from 'preact/hooks';

/** A value that parts of the page follow. */
export class Cell<T> {
  #value: T;
  readonly #followers = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const follow of [...this.#followers]) follow();
  }

  follow(follower: () => void): () => void {
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }
}

/** Returns the value of a cell, and draws again when it changes. */
export function useCell<T>(cell: Cell<T>): T {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const { value } = cell;
  useEffect(() => {
    if (!Object.is(cell.value, value)) draw(0);
    return cell.follow(() => draw(0));
  }, [cell]);
  return cell.value;
}
