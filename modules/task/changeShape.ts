import type { TargetState } from '../../constants/states';

/** The fields that a change writes depend on this alone: the finished states differ only in their name. */
export type ChangeShape = 'waiting' | 'finished' | 'removed';

/** Tells what fields a change to this state writes. */
export const changeShape = (state: TargetState): ChangeShape => (state === 'waiting' || state === 'removed' ? state : 'finished');
