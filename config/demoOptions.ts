import { Type } from 'typebox';
import type { Static } from 'typebox';
import { oneOf, record } from './optionKinds';

/** Kinds of demo tasks. */
export const DEMO_KINDS = ['checksum', 'flaky', 'slow', 'crash', 'poison'] as const;

export type DemoKind = (typeof DEMO_KINDS)[number];

/** Options of `npm run seed`. */
export const seedOptions = record({
  count: Type.Integer({ minimum: 1, maximum: 10_000_000, default: 100, description: 'Number of tasks to add.' }),
  kinds: Type.Array(oneOf(DEMO_KINDS), {
    minItems: 1,
    default: ['checksum', 'flaky', 'slow', 'poison'],
    description: 'Kinds of tasks, added in turn.',
  }),
  path: Type.String({ minLength: 1, default: '.', description: 'Folder whose files the checksum tasks read.' }),
  failureRate: Type.Number({ minimum: 0, maximum: 1, default: 0.3, description: 'Share of the attempts of flaky tasks that fail.' }),
});

export type SeedOptions = Static<typeof seedOptions>;
