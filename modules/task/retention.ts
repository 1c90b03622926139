import { retentionOptions } from '../../config/options';
import type { Retention } from '../../config/optionTypes';
import type { FinishedState } from '../../constants/states';
import { defaultsOf } from '../options/resolveOptions';
import type { TaskHead } from './task';

const DEFAULT_RETENTION = defaultsOf(retentionOptions);
const RETENTION_OF = { succeeded: 'succeededMs', dead: 'deadMs', cancelled: 'cancelledMs' } as const satisfies Record<FinishedState, keyof Retention>;

/** Returns how long a finished task is kept, in milliseconds. */
export function retentionMs({ settings }: Pick<TaskHead, 'settings'>, state: FinishedState): number {
  const name = RETENTION_OF[state];
  return settings.retention?.[name] ?? DEFAULT_RETENTION[name];
}
