import type { Change } from './change';

/** The shape of a change, which alone determines the fields it writes. The finished states differ only in name; one with follow-ups is kept. */
export type ChangeShape = 'waiting' | 'finished' | 'kept' | 'removed';

/** Returns the shape of a change. */
export const changeShape = ({ state, followUps }: Pick<Change, 'state' | 'followUps'>): ChangeShape =>
  state === 'waiting' || state === 'removed' ? state : followUps === undefined ? 'finished' : 'kept';
