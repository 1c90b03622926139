import { Type } from 'typebox';
import type { TSchema } from 'typebox';
import { failuresOptions, statisticsOptions } from '../../config/observeOptions';
import { nameOption, processIdOption, queueNameOption } from '../../config/optionKinds';
import { countOption, scheduleOptions } from '../../config/eventOptions';
import { NAME_CHARACTERS } from '../../constants/limits';
import { TASK_STATES } from '../../constants/states';
import type { OptionTable } from '../../config/schema';
import { exactly, instant } from './commonSchemas';
import { schemaOf } from './schemaOf';

/** Schemas of the queries and answers under /v1/admin, but for those of tasks. */

/** The tag of the admin API in the document. */
export const ADMIN_TAGS = ['admin'];

export const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
export const oneOfTexts = (values: readonly string[], description?: string) =>
  Type.Unsafe<string>({ type: 'string', enum: [...values], ...(description === undefined ? {} : { description }) });
export const whole = (description?: string) => Type.Integer(description === undefined ? {} : { description });

export const next = Type.Union([Type.String(), Type.Null()], { description: 'The `after` of the next page; null at the end.' });

/** The name of any queue of the store, not only of one of the broker. */
export const adminQueueParams = exactly({ queue: schemaOf(queueNameOption) });

export const session = exactly({
  user: orNull(Type.String({ description: 'Name of the token, or of the user that `authorize` has told.' })),
  canWrite: Type.Boolean({ description: 'Whether the caller may change anything.' }),
  readOnly: Type.Boolean(),
  version: Type.String(),
  store: exactly({ kind: oneOfTexts(['sqlite', 'mongodb']), url: Type.String({ description: 'The URL of the store without its secrets.' }) }),
  now: instant,
});

const percentiles = orNull(exactly({ p50: whole(), p95: whole() }, { description: 'Whole milliseconds, and never longer than the longest time.' }));

const counts = exactly({
  waiting: whole('Tasks that are due.'),
  delayed: whole('Tasks that wait for their time.'),
  running: whole(),
  dead: whole(),
  succeeded: whole(),
  cancelled: whole(),
});

const row = {
  name: Type.String(),
  isPaused: Type.Boolean(),
  isBroker: Type.Boolean({ description: 'Whether it is a queue of the broker, whose tasks are messages.' }),
  isFifo: Type.Boolean({ description: 'Whether it is a FIFO queue of the broker, whose messages no search of tasks finds.' }),
  counts,
  atLeast: Type.Array(oneOfTexts(Object.keys(counts.properties)), { description: 'The counts at which counting stopped: there are more.' }),
  countedAt: Type.Unsafe<Date>({
    type: 'string',
    format: 'date-time',
    description: 'When the tasks were counted. Where counting all queues takes long, each has its turn, and those first that have changed.',
  }),
  oldestSeconds: orNull(Type.Number({ description: 'How long the task has been due that waits the longest.' })),
  ratePerMinute: Type.Number({ description: 'Attempts that ended in a minute, of late.' }),
  wait: percentiles,
  run: percentiles,
  spark: Type.Array(Type.Number(), { description: 'Attempts that ended in each of the last thirty minutes.' }),
  processes: whole('Live processes with a worker that serves the queue and takes tasks.'),
  draining: whole('Live processes with a worker that serves the queue and takes nothing more.'),
};

export const queueRowSchema = exactly(row);

export const overview = exactly({
  now: instant,
  takenAt: Type.Unsafe<Date>({ type: 'string', format: 'date-time', description: 'When the store was asked.' }),
  health: Type.Array(
    exactly({
      level: oneOfTexts(['bad', 'warn', 'ok']),
      code: Type.String(),
      text: Type.String(),
      link: orNull(Type.String({ description: 'A path of the page, with its query.' })),
    }),
    { description: 'What is wrong, the worst first.' },
  ),
  queues: Type.Array(queueRowSchema),
  minutes: Type.Array(
    exactly({
      at: instant,
      succeeded: whole(),
      failed: whole(),
      retried: whole(),
      dead: whole(),
      waiting: orNull(whole('Tasks that were due, where the server looked.')),
    }),
    { description: 'What ended in each of the last sixty minutes.' },
  ),
});

export const adminQueuesQuery = exactly({
  after: Type.Optional(schemaOf(nameOption)),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 100 })),
});
export const adminQueuePage = exactly({ queues: Type.Array(queueRowSchema), next });

const statisticsOf = {
  ...Object.fromEntries(['added', 'succeeded', 'failed', 'retried', 'dead', 'expired'].map((key) => [key, whole()])),
  wait: Type.Unknown({ description: 'Times: `count`, `p50`, `p95`, `p99` in milliseconds, and `buckets`.' }),
  run: Type.Unknown({ description: 'The same of successful attempts.' }),
};
const nameStatistics = exactly({ queue: Type.String(), name: Type.String(), ...statisticsOf });

export const queueDetail = exactly({ ...row, names: Type.Array(nameStatistics, { description: 'What was counted in the last hour by name.' }) });

export const pausedAnswer = exactly({ name: Type.String(), isPaused: Type.Boolean() });
export const adminPurgeBody = exactly({
  states: Type.Optional(
    Type.Array(oneOfTexts(TASK_STATES), { minItems: 1, maxItems: TASK_STATES.length, description: 'By default the waiting ones.' }),
  ),
  name: Type.Optional(schemaOf(nameOption)),
});
export const adminRedriveBody = exactly({ name: Type.Optional(schemaOf(nameOption)) });

export const processParams = exactly({ id: schemaOf(processIdOption) });
export const processesAnswer = exactly({
  processes: Type.Array(
    exactly({
      id: Type.String(),
      host: Type.String(),
      pid: whole(),
      version: Type.String(),
      startedAt: instant,
      seenAt: instant,
      isDraining: Type.Boolean(),
      slots: whole(),
      running: whole(),
      workers: Type.Array(
        exactly({
          id: Type.String(),
          queues: Type.Array(Type.String()),
          maxConcurrency: whole(),
          running: whole(),
          handles: Type.Array(Type.String()),
          handlesMore: Type.Boolean(),
        }),
      ),
      tasks: Type.Array(
        exactly({
          id: Type.String(),
          queue: Type.String(),
          name: Type.String(),
          attempt: whole(),
          workerId: Type.String(),
          since: instant,
        }),
      ),
    }),
  ),
});

export const failuresQuery = exactly({
  queue: Type.Optional(schemaOf(failuresOptions.properties.queue)),
  name: Type.Optional(schemaOf(failuresOptions.properties.name)),
  limit: Type.Optional(schemaOf(failuresOptions.properties.limit)),
});
/** A text that is no group names none: its answer is that of a group which is not there. */
export const failureGroupParams = exactly({ group: Type.String({ maxLength: NAME_CHARACTERS }) });
export const failureGroupSchema = exactly({
  group: Type.String(),
  count: whole('Failed attempts.'),
  name: Type.String(),
  message: Type.String(),
  code: Type.Optional(Type.String()),
  firstAt: instant,
  lastAt: instant,
  at: orNull(Type.String({ description: "The top frame of the user's own code." })),
  sample: exactly({ id: Type.String(), queue: Type.String(), name: Type.String() }),
  names: Type.Array(exactly({ queue: Type.String(), name: Type.String(), count: whole() })),
  recent: Type.Array(exactly({ at: instant, count: whole() }), {
    description: 'The day before the last failure, in steps of ten minutes; empty where the caller may not see all queues of the group.',
  }),
});
export const failuresAnswer = exactly({ groups: Type.Array(failureGroupSchema) });

const wireInstant = (description: string) => Type.Optional(Type.String({ format: 'date-time', maxLength: 40, description }));
export const statisticsQuery = exactly({
  queue: Type.Optional(schemaOf(statisticsOptions.properties.queue)),
  name: Type.Optional(schemaOf(statisticsOptions.properties.name)),
  from: wireInstant('Beginning of the time; by default an hour before `to`.'),
  to: wireInstant('End of the time; by default now.'),
  step: Type.Optional(schemaOf(statisticsOptions.properties.step)),
});
export const statisticsAnswer = exactly({
  from: instant,
  to: instant,
  step: whole('Milliseconds.'),
  points: Type.Array(exactly({ at: instant, ...statisticsOf })),
  total: exactly(statisticsOf),
  names: Type.Array(nameStatistics),
});

export const scheduleParams = exactly({ id: schemaOf(nameOption) });
export const scheduleSchema = exactly({
  id: Type.String(),
  queue: Type.String(),
  name: Type.String(),
  payload: Type.Unknown(),
  isHidden: Type.Boolean({ description: 'Whether parts of the payload are hidden.' }),
  cron: Type.Optional(Type.String()),
  timeZone: Type.Optional(Type.String()),
  everyMs: Type.Optional(whole()),
  at: Type.Optional(instant),
  startAt: orNull(instant),
  endAt: orNull(instant),
  jitterMs: whole(),
  overlap: Type.String(),
  misfire: Type.String(),
  declared: Type.Boolean(),
  paused: Type.Boolean(),
  nextAt: orNull(instant),
  lastAt: orNull(instant),
  lastTaskId: orNull(Type.String()),
  lastOutcome: Type.Unknown({ description: 'How the last task ended; null while it has not.' }),
});
const { at: _at, startAt: _startAt, endAt: _endAt, queue: scheduleQueue, ...plan } = scheduleOptions.properties;

/** What a schedule is made of: as `scheduler.upsert` takes it, with instants as texts. */
export const putScheduleBody = exactly({
  queue: schemaOf(scheduleQueue),
  ...(Object.fromEntries(Object.entries(plan).map(([key, option]) => [key, Type.Optional(schemaOf(option as OptionTable))])) as Record<never, never>),
  at: wireInstant('Single date.'),
  startAt: wireInstant('Date before which nothing fires.'),
  endAt: wireInstant('Date after which nothing fires.'),
});
export const schedulesAnswer = exactly({ schedules: Type.Array(scheduleSchema) });
export const nextTimesQuery = exactly({ count: Type.Optional(schemaOf({ ...countOption, default: 10 })) });
export const nextTimes = exactly({
  times: Type.Array(instant),
  paused: Type.Boolean({ description: 'True if the schedule is paused, and fires at none of these times unless it is resumed.' }),
});
export const countAnswer = exactly({ count: whole('Number of tasks that it changed.') });
export const taskIdAnswer = exactly({ id: Type.String({ format: 'uuid' }) });
export const addedTask = exactly({
  id: Type.String({ format: 'uuid', description: 'Id of the task, or of the live task with its unique key.' }),
  added: Type.Boolean({ description: 'False if a live task had its unique key, so that nothing was written.' }),
});
