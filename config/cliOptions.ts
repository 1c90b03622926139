import { Type } from 'typebox';
import type { Static } from 'typebox';
import { LOG_LEVELS } from '../constants/events';
import { name, oneOf, record, storeUrl } from './optionKinds';

/** Options of the runner, `node index.js`, beside those of the store and of the worker. */
export const runnerOptions = record({
  queue: name({ default: 'demo', env: 'HOLDFAST_QUEUE', description: 'The queue of the demo tasks.' }),
  processes: Type.Integer({
    minimum: 1,
    maximum: 64,
    default: 1,
    env: 'HOLDFAST_PROCESSES',
    description: 'How many worker processes to run; with more than one, one that dies is started again.',
  }),
  logLevel: Type.Optional(oneOf(LOG_LEVELS, { env: 'HOLDFAST_LOG_LEVEL', description: 'The level from which lines are logged.' })),
});

/** Options of `npm run copy`. */
export const copyOptions = record({
  from: storeUrl({ description: 'The URL of the store whose live tasks are moved.' }),
  to: storeUrl({ description: 'The URL of the store that gets them.' }),
});

export type RunnerOptions = Static<typeof runnerOptions>;
export type CopyOptions = Static<typeof copyOptions>;
