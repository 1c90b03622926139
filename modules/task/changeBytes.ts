import { textBytes } from '../values/textBytes';
import type { Change } from './change';

/** The most bytes of a change beside its texts: its guard, its ids, and the names of its fields. */
const FRAME_BYTES = 500;

/** Returns the most bytes that a change may take in a write. */
export const changeBytes = ({ result, error, history, followUps }: Change): number =>
  FRAME_BYTES + textBytes(result) + textBytes(history) + textBytes(followUps) + (error ? errorBytes(error) : 0);

/** An error holds texts, and may hold other errors. */
const errorBytes = (error: object): number =>
  Object.values(error).reduce(
    (bytes: number, value: unknown) =>
      bytes + (typeof value === 'string' ? textBytes(value) : typeof value === 'object' && value !== null ? errorBytes(value) : 10),
    0,
  );
