import { integer, list, number, oneOf, record, text } from './schema';
import type { ValueOf } from './schema';

/** Kinds of demo tasks. */
export const DEMO_KINDS = ['checksum', 'flaky', 'slow', 'crash', 'poison'] as const;

export type DemoKind = (typeof DEMO_KINDS)[number];

/** Options of `npx holdfast seed`. */
export const seedOptions = record({
  count: integer({ minimum: 1, maximum: 10_000_000, default: 100, description: 'Number of tasks to add.' }),
  kinds: list(oneOf(DEMO_KINDS), {
    minItems: 1,
    default: ['checksum', 'flaky', 'slow', 'poison'],
    description: 'Kinds of tasks, added in turn.',
  }),
  path: text({ minLength: 1, default: '.', description: 'Folder whose files the checksum tasks read.' }),
  failureRate: number({ minimum: 0, maximum: 1, default: 0.3, description: 'Share of the attempts of flaky tasks that fail.' }),
});

export type SeedOptions = ValueOf<typeof seedOptions>;
