import { LOG_LEVELS } from '../constants/events';
import { filePath, name, storeUrl } from './optionKinds';
import { integer, oneOf, optional, record } from './schema';
import type { ValueOf } from './schema';

/** Options of `node index.js`, besides those of the store and of the worker. */
export const runnerOptions = record({
  queue: name({ default: 'demo', env: 'HOLDFAST_QUEUE', description: 'Queue of the demo tasks.' }),
  processes: integer({
    minimum: 1,
    maximum: 64,
    default: 1,
    env: 'HOLDFAST_PROCESSES',
    description: 'Number of worker processes. With more than one, a process that dies is started again.',
  }),
  logLevel: optional(oneOf(LOG_LEVELS, { env: 'HOLDFAST_LOG_LEVEL', description: 'Lowest level that is logged.' })),
});

/** Options of `npx holdfast copy`. */
export const copyOptions = record({
  from: storeUrl({ description: 'URL of the store whose live tasks are moved.' }),
  to: storeUrl({ description: 'URL of the store that receives them.' }),
});

/** The argument of `npx holdfast backup`. */
export const backupOptions = record({
  file: filePath({ description: 'Path of the new file. A file that is there is refused.' }),
});

export type RunnerOptions = ValueOf<typeof runnerOptions>;
export type CopyOptions = ValueOf<typeof copyOptions>;
