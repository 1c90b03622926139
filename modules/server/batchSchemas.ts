import { Type } from 'typebox';
import { batchIdOption, batchStart } from '../../config/searchOptions';
import { oneOfTexts, orNull, whole } from './adminSchemas';
import { exactly, instant } from './commonSchemas';
import { matchCount } from './adminTaskSchemas';
import { schemaOf } from './schemaOf';

/** Schemas of the batches under /v1/admin. */

export const batchParams = exactly({ id: schemaOf(batchIdOption) });

export const batchBody = exactly({
  action: schemaOf(batchStart.properties.action),
  q: schemaOf(batchStart.properties.search),
  by: Type.Optional(schemaOf(batchStart.properties.by)),
  ratePerSecond: Type.Optional(schemaOf(batchStart.properties.ratePerSecond)),
});

export const batchAnswer = exactly({
  id: Type.String({ format: 'uuid' }),
  action: Type.String(),
  search: Type.String(),
  within: orNull(Type.Array(Type.String(), { description: 'The queues to which it is bound.' })),
  by: orNull(Type.String()),
  startedAt: instant,
  endedAt: orNull(instant),
  state: oneOfTexts(['running', 'done', 'stopped', 'failed']),
  expected: matchCount,
  seen: whole(),
  changed: whole(),
  clashed: whole('Tasks that stay as they are because a live task has their unique key.'),
  error: orNull(Type.String()),
});

export const batchesAnswer = exactly({ batches: Type.Array(batchAnswer) });
