import type { TargetState } from '../../constants/states';

/** The shape of a change, which alone determines the fields it writes. The finished states differ only in name. */
export type ChangeShape = 'waiting' | 'finished' | 'removed';

/** Returns the shape of a change to this state. */
export const changeShape = (state: TargetState): ChangeShape => (state === 'waiting' || state === 'removed' ? state : 'finished');
