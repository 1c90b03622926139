import { Type } from 'typebox';
import type { Static } from 'typebox';
import { oneOf, record } from './optionKinds';

/** The kinds of demo tasks. */
export const DEMO_KINDS = ['checksum', 'flaky', 'slow', 'crash', 'poison'] as const;

export type DemoKind = (typeof DEMO_KINDS)[number];

/** Options of `npm run seed`. */
export const seedOptions = record({
  count: Type.Integer({ minimum: 1, maximum: 10_000_000, default: 100, description: 'How many tasks to add.' }),
  kinds: Type.Array(oneOf(DEMO_KINDS), {
    minItems: 1,
    default: ['checksum', 'flaky', 'slow', 'poison'],
    description: 'The kinds of tasks, dealt in turn.',
  }),
  path: Type.String({ minLength: 1, default: '.', description: 'The folder whose files the checksum tasks read.' }),
  failureRate: Type.Number({ minimum: 0, maximum: 1, default: 0.3, description: 'How often a flaky task fails.' }),
});

export type SeedOptions = Static<typeof seedOptions>;
