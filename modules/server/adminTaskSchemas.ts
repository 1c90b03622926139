import { Type } from 'typebox';
import { nameOption, queueNameOption, taskOptions } from '../../config/options';
import { searchOptions } from '../../config/searchOptions';
import { UUID_PATTERN } from '../../config/optionKinds';
import { LOG_LEVELS } from '../../constants/events';
import { TASK_STATES } from '../../constants/states';
import { next, oneOfTexts, orNull, whole } from './adminSchemas';
import { exactly, instant } from './commonSchemas';
import { schemaOf } from './schemaOf';

/** Schemas of the tasks under /v1/admin. */

export const adminTaskParams = exactly({ queue: schemaOf(queueNameOption), id: Type.String({ pattern: UUID_PATTERN }) });

export const taskIdParams = exactly({ id: Type.String({ pattern: UUID_PATTERN }) });

const q = Type.Optional(Type.String({ maxLength: 4_096, description: 'A search: see docs/search.md. An empty one finds all tasks.' }));

export const tasksQuery = exactly({
  q,
  after: Type.Optional(schemaOf(searchOptions.properties.after)),
  limit: Type.Optional(schemaOf(searchOptions.properties.limit)),
});
export const countQuery = exactly({ q });
export const suggestQuery = exactly({ q, at: Type.Optional(Type.Integer({ minimum: 0, maximum: 4_096, description: 'The index of the cursor.' })) });

export const matchCount = exactly({
  count: whole(),
  isExact: Type.Boolean({ description: 'False if there are at least so many, and maybe more.' }),
});
export const suggestionsAnswer = exactly({
  suggestions: Type.Array(
    exactly({
      text: Type.String(),
      from: whole('Index of the first character that the text takes the place of.'),
      to: whole(),
      says: Type.Optional(Type.String()),
    }),
  ),
});

const errorCause = Type.Unknown({ description: 'The cause of the error, with its own causes.' });
const error = {
  name: Type.String(),
  message: Type.String(),
  code: Type.Optional(Type.String()),
};

const common = {
  id: Type.String({ format: 'uuid' }),
  queue: Type.String(),
  name: Type.String(),
  state: oneOfTexts(TASK_STATES),
  isDelayed: Type.Boolean({ description: 'Whether it waits and is not due yet.' }),
  priority: whole(),
  attempt: whole('The number of claims so far.'),
  failures: whole(),
  maxRetries: whole(),
  createdAt: instant,
  availableAt: instant,
  finishedAt: orNull(instant),
  durationMs: orNull(Type.Number({ description: 'How long the last attempt ran that is known of.' })),
  workerId: orNull(Type.String()),
  uniqueKey: orNull(Type.String()),
  tags: Type.Array(Type.String()),
  progress: Type.Unknown(),
};

export const taskSummary = exactly({
  ...common,
  error: orNull(exactly({ ...error, group: Type.Optional(Type.String()) })),
  preview: Type.String({ description: 'The beginning of the payload in one line.' }),
});

export const taskPage = exactly({
  tasks: Type.Array(taskSummary),
  next,
  looked: whole('Tasks that were looked at for this page.'),
  isComplete: Type.Boolean({ description: 'Whether all tasks before `next` were looked at.' }),
  slow: Type.Array(Type.String(), { description: 'What no index serves, and how far it came.' }),
});

const attempt = exactly({
  attempt: whole(),
  workerId: Type.String(),
  claimedAtMs: Type.Optional(Type.Number({ description: 'When it was claimed, in milliseconds since the epoch.' })),
  waitedMs: Type.Optional(Type.Number({ description: 'How long the task had been due when it was claimed.' })),
  durationMs: Type.Optional(Type.Number({ description: 'How long its handler ran.' })),
  ending: Type.String(),
  error: Type.Optional(exactly(error)),
  on: Type.Optional(exactly({ kind: Type.String(), name: Type.String() })),
});

const detail = exactly({
  ...common,
  payload: Type.Unknown(),
  result: Type.Unknown(),
  metadata: Type.Unknown(),
  error: orNull(
    exactly({
      ...error,
      stack: Type.Optional(Type.String()),
      group: Type.Optional(Type.String()),
      cause: Type.Optional(errorCause),
      errors: Type.Optional(Type.Array(errorCause)),
    }),
  ),
  attempts: Type.Array(attempt, { description: 'The last attempts, oldest first.' }),
  log: Type.Array(exactly({ attempt: whole(), afterMs: Type.Number(), level: oneOfTexts(LOG_LEVELS), message: Type.String() })),
  deadline: orNull(instant),
  settings: Type.Unknown({ description: 'The options of the task that differ from the defaults.' }),
  sleeps: orNull(exactly({ kind: oneOfTexts(['sleep', 'signal']), name: Type.String(), until: orNull(instant) })),
  lease: orNull(exactly({ workerId: Type.String(), expiresAt: instant })),
  followUps: Type.Array(Type.Unknown()),
  hidden: Type.Array(oneOfTexts(['payload', 'result', 'metadata', 'progress', 'error', 'attempts', 'log']), {
    description: 'The fields of which parts are hidden or cut off, because they look like secrets or are too long.',
  }),
});

export const explanation = orNull(exactly({ code: Type.String(), text: Type.String() }));

const step = exactly({
  at: whole('The number of the step.'),
  name: Type.String(),
  kind: oneOfTexts(['step', 'sleep', 'wait', 'signal', 'timeout']),
  value: Type.Unknown(),
  until: orNull(instant),
  isHidden: Type.Boolean(),
});

export const taskAnswer = exactly({ task: detail, explanation, steps: Type.Array(step) });
export const actedAnswer = exactly({ task: taskSummary });

export const actionBody = exactly({
  ifState: Type.Optional(oneOfTexts(TASK_STATES, 'The state in which the task was seen: in another one nothing is done.')),
});
export const copyBody = exactly({ payload: Type.Optional(Type.Unknown({ description: 'The payload of the copy; by default that of the task.' })) });

const OPTIONS_ON_WIRE = [
  'delayMs',
  'priority',
  'maxRetries',
  'backoff',
  'timeoutMs',
  'leaseMs',
  'retention',
  'uniqueKey',
  'tags',
  'metadata',
] as const;

const dates = {
  runAt: Type.Optional(Type.String({ format: 'date-time', maxLength: 40, description: 'When the task is due.' })),
  deadline: Type.Optional(Type.String({ format: 'date-time', maxLength: 40, description: 'Latest start.' })),
};

export const addTaskBody = exactly({
  name: schemaOf(nameOption),
  payload: Type.Optional(Type.Unknown()),
  options: Type.Optional(
    exactly({ ...Object.fromEntries(OPTIONS_ON_WIRE.map((key) => [key, Type.Optional(schemaOf(taskOptions.properties[key]))])), ...dates }),
  ),
});
