import type { PurgeOptions, TaskState } from '../../index';
import { QUEUE, RARE, scheduleId, specOf } from './sizeFilling';
import type { Scene } from './sizeScene';

/** A call that is measured again and again. */
export interface SizeCall {
  readonly name: string;
  /** The most repetitions; by default `REPETITIONS`. */
  readonly most?: number;
  /** True for a call that is as long as what it is given: only its turns have a goal. */
  readonly isLong?: boolean;
  /** Makes ready what is not measured. */
  readonly before?: (scene: Scene) => unknown;
  readonly run: (scene: Scene, repetition: number) => unknown;
}

/** Few calls use up a thousand tasks each. */
const FEW = 5;

const PAGE = 1_000;

/** The part of the tasks that a trim removes. */
const TRIMMED = 0.001;

const many = (count: number): ReturnType<typeof specOf>[] => Array.from({ length: count }, (_, index) => specOf(index));

const keyed = (): ReturnType<typeof specOf>[] => Array.from({ length: PAGE }, (_, index) => specOf(index, { uniqueKey: `key ${index}` }));

const payloads = (): unknown[] => many(PAGE).map(({ payload }) => payload);

/** Begins a bulk action, and stops it after its first part. */
function begin(act: (options: Pick<PurgeOptions, 'signal' | 'onProgress'>) => Promise<unknown>): Promise<unknown> {
  const stop = new AbortController();
  return act({ signal: stop.signal, onProgress: () => stop.abort() });
}

const listed = (name: string, options: NonNullable<Parameters<Scene['queue']['list']>[0]>): SizeCall => ({
  name: `list ${name}`,
  run: ({ queue }) => queue.list(options),
});

const LISTS: readonly SizeCall[] = [
  { name: 'list', run: ({ queue }) => queue.list() },
  { name: 'list, a page of 1,000', run: ({ queue }) => queue.list({ limit: PAGE }) },
  { name: 'list, from the middle', run: ({ queue, middle }) => queue.list({ after: middle }) },
  ...(['waiting', 'running', 'succeeded', 'dead', 'cancelled'] satisfies TaskState[]).map((state) => listed(state, { states: [state] })),
  { name: 'list waiting, a page of 1,000', run: ({ queue }) => queue.list({ states: ['waiting'], limit: PAGE }) },
  listed('running or dead', { states: ['running', 'dead'] }),
  listed('waiting or dead', { states: ['waiting', 'dead'] }),
  listed('by name', { name: QUEUE }),
  listed('by a rare name', { name: RARE }),
  listed('by a rare tag', { tag: RARE }),
  listed('succeeded by a rare name', { name: RARE, states: ['succeeded'] }),
  listed('waiting by an unknown name', { name: 'unknown', states: ['waiting'] }),
];

/** Searches over all queues. Those that no index serves look at 5,000 tasks for a page. */
const SEARCHES: readonly SizeCall[] = [
  ...['', 'state:dead', '-state:waiting,running', 'state:waiting', 'state:running', `queue:${QUEUE} state:dead`, 'key:unknown state:waiting'].map(
    (text): SizeCall => ({ name: `search ${text === '' ? 'all' : text}`, run: ({ store }) => store.search(text) }),
  ),
  ...[`name:${RARE}`, 'payload.index:-1', 'state:succeeded "none such"'].map((text): SizeCall => ({
    name: `search ${text}`,
    most: FEW,
    isLong: true,
    run: ({ store }) => store.search(text),
  })),
  { name: 'countMatching state:dead', run: ({ store }) => store.countMatching('state:dead') },
  { name: 'countMatching payload.index:-1', most: FEW, isLong: true, run: ({ store }) => store.countMatching('payload.index:-1') },
  { name: 'suggest', run: ({ store }) => store.suggest('queue:') },
  {
    name: 'batch, its beginning',
    most: FEW,
    isLong: true,
    run: async ({ store }) => store.batches.stop((await store.batches.start({ action: 'redrive', search: 'state:dead name:unknown' })).id),
  },
];

const CHANGES: readonly SizeCall[] = [
  { name: 'cancel', run: ({ queue, take }) => queue.cancel(take('waiting')) },
  { name: 'retry', run: ({ queue, take }) => queue.retry(take('waiting')) },
  { name: 'remove waiting', run: ({ queue, take }) => queue.remove(take('waiting')) },
  { name: 'remove finished', run: ({ queue, take }) => queue.remove(take('succeeded')) },
  { name: 'redrive one', most: 8, run: ({ queue, take }) => queue.redrive(take('dead')) },
  { name: 'redrive 1,000 ids', most: FEW, run: ({ queue, dead }, repetition) => queue.redrive(dead(repetition, FEW)) },
  { name: 'redrive, its beginning', most: FEW, run: ({ queue }) => begin((options) => queue.redrive(options)) },
  {
    name: 'redrive by a rare name, its beginning',
    most: FEW,
    run: ({ queue }) => begin((options) => queue.redrive({ ...options, name: 'unknown' })),
  },
  ...(['waiting', 'succeeded', 'cancelled'] satisfies TaskState[]).map((state): SizeCall => ({
    name: `purge ${state}, its beginning`,
    most: FEW,
    run: ({ queue }) => begin((options) => queue.purge({ ...options, states: [state] })),
  })),
  { name: 'keep the last 100', most: 1, isLong: true, run: ({ store }) => store.parts.bulks.trim(QUEUE, 'cancelled', 100) },
  { name: 'purge by a rare name', most: 2, isLong: true, run: ({ queue }) => queue.purge({ states: ['succeeded'], name: 'unknown' }) },
];

const ADDS: readonly SizeCall[] = [
  { name: 'add', run: ({ queue, next }) => queue.add(QUEUE, specOf(next()).payload) },
  { name: 'add with a new key', run: ({ queue, next }) => queue.add(QUEUE, null, { uniqueKey: `own ${next()}` }) },
  { name: 'addMany of 1,000', run: ({ queue }) => queue.addMany(many(PAGE)) },
  { name: 'addMany of 1,000 known keys', before: ({ queue }) => queue.addMany(keyed()), run: ({ queue }) => queue.addMany(keyed()) },
  { name: 'addMany of 100,000', most: 3, isLong: true, run: ({ queue }) => queue.addMany(hundredThousand) },
];

/** Made before it is measured: that takes a turn of its own. */
const hundredThousand = many(100_000);

const ONES: readonly SizeCall[] = [
  { name: 'get waiting', run: ({ queue, take }) => queue.get(take('waiting')) },
  { name: 'get succeeded', run: ({ queue, middle }) => queue.get(middle) },
  { name: 'result', run: ({ queue, middle }) => queue.result(middle) },
  { name: 'counts', run: ({ queue }) => queue.counts() },
  { name: 'counts up to 100,000', most: FEW, isLong: true, run: ({ queue }) => queue.counts({ upTo: 100_000 }) },
  { name: 'pause', run: ({ queue }) => queue.pause() },
  { name: 'resume', run: ({ queue }) => queue.resume() },
];

const EVENTS: readonly SizeCall[] = [
  { name: 'event emit', run: ({ event }) => event.emit(specOf(0).payload) },
  { name: 'event emitMany of 1,000', run: ({ event }) => event.emitMany(payloads()) },
  { name: 'event get', run: ({ event, middle }) => event.get(middle) },
  { name: 'event result', run: ({ event, middle }) => event.result(middle) },
  { name: 'event stats', run: ({ event }) => event.stats() },
  { name: 'event pause', run: ({ event }) => event.pause() },
  { name: 'event start and stop, paused', most: FEW, run: ({ event }) => event.start().then(() => event.stop()) },
  { name: 'event resume', run: ({ event }) => event.resume() },
  {
    name: 'keep all but a few',
    most: FEW,
    isLong: true,
    run: ({ store, succeeded }, repetition) => store.parts.bulks.trim(QUEUE, 'succeeded', Math.floor(succeeded * (1 - TRIMMED * (repetition + 1)))),
  },
  { name: 'keep all', most: FEW, isLong: true, run: ({ store, succeeded }) => store.parts.bulks.trim(QUEUE, 'succeeded', succeeded) },
];

const SCHEDULES: readonly SizeCall[] = [
  { name: 'schedule upsert, new', run: ({ scheduler, next }) => scheduler.upsert(`own ${next()}`, { queue: 'scheduled', everyMs: 86_400_000 }) },
  { name: 'schedule upsert, the same', run: ({ scheduler }) => scheduler.upsert(scheduleId(0), { queue: 'scheduled', cron: '0 3 * * *' }) },
  { name: 'schedule get', run: ({ scheduler }) => scheduler.get(scheduleId(0)) },
  { name: 'schedule list', most: FEW, isLong: true, run: ({ scheduler }) => scheduler.list() },
  { name: 'schedule next', run: ({ scheduler }) => scheduler.next(scheduleId(0), 10) },
  { name: 'schedule runNow', run: ({ scheduler }) => scheduler.runNow(scheduleId(0)) },
  { name: 'schedule pause', run: ({ scheduler }) => scheduler.pause(scheduleId(0)) },
  { name: 'schedule resume', run: ({ scheduler }) => scheduler.resume(scheduleId(0)) },
  { name: 'schedule remove', before: upsertOne, run: ({ scheduler }) => scheduler.remove('removed') },
];

function upsertOne({ scheduler }: Scene): Promise<unknown> {
  return scheduler.upsert('removed', { queue: 'scheduled', cron: '0 3 * * *' });
}

/** Every call of Queue, DeclaredEvent and Scheduler, and searches. Those that take tasks away come last. */
export const SIZE_CALLS: readonly SizeCall[] = [...ONES, ...LISTS, ...SEARCHES, ...EVENTS, ...SCHEDULES, ...ADDS, ...CHANGES];
