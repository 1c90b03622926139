import { useEffect, useReducer, useRef } from 'preact/hooks';
import { Asker } from './asker';
import { link } from './link';
import type { Changed, Kind } from './link';

/** What the page knows of an address of the API. */
export interface Answer<T> {
  /** The last answer. While the next one is on its way, it stays. */
  readonly data: T | undefined;
  readonly error: unknown;
  /** True while the answer of another address is shown. */
  readonly isOld: boolean;
  readonly refresh: () => void;
}

/**
 * Returns the answer of an address, kept up to date.
 *
 * @param path the address, or null for none.
 * @param kinds what it tells of.
 * @param queue the queue that it tells of, if it is of one.
 */
export function useAnswer<T>(path: string | null, kinds: readonly Kind[], queue?: string): Answer<T> {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const held = useRef<Asker<T> | undefined>(undefined);
  const asker = (held.current ??= new Asker<T>(() => draw(0)));
  useEffect(() => {
    asker.look(path);
    const isOurs = (changed: Changed): boolean =>
      kinds.some((kind) => changed.kinds.includes(kind)) && (queue === undefined || changed.queues === null || changed.queues.includes(queue));
    const end = link.onChange((changed) => isOurs(changed) && asker.nudge());
    return () => {
      end();
      asker.end();
    };
  }, [path]);
  return { data: asker.data, error: asker.error, isOld: asker.shown !== path, refresh: () => asker.refresh() };
}
