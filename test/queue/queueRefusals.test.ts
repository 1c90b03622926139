import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { TaskSpec } from '../../modules/task/taskSpec';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import type { ErrorCode } from '../../constants/errors';
import { PAYLOAD_BYTES, PAYLOAD_LEVELS } from '../../constants/limits';
import { eventually, refusalOf } from '../support/eventually';
import { forEachStore } from '../support/stores';

/** A call that must be refused, with the code and field of its error. */
type Refusal = readonly [title: string, call: (queue: Queue) => unknown, code: ErrorCode, field: string];

const UNKNOWN = 'HOLDFAST_OPTION_UNKNOWN';
const INVALID = 'HOLDFAST_OPTION_INVALID';
const NOT_JSON = 'HOLDFAST_PAYLOAD_NOT_JSON';

const cyclic: { self?: object } = {};
cyclic.self = cyclic;

const nested = (levels: number): unknown => Array.from({ length: levels }).reduce<unknown>((inner) => [inner], 0);

const addWith = (options: unknown) => (queue: Queue) => queue.add('welcome', {}, options as never);

const addOf = (payload: unknown) => (queue: Queue) => queue.add('welcome', payload);

const NAMES: readonly Refusal[] = [
  ['an empty name', (queue) => queue.add('', {}), INVALID, 'name'],
  ['a name of 129 characters', (queue) => queue.add('n'.repeat(129), {}), INVALID, 'name'],
  ['a name with a line feed', (queue) => queue.add('wel\ncome', {}), INVALID, 'name'],
  ['a name that is no string', (queue) => queue.add(5 as never, {}), INVALID, 'name'],
];

const PAYLOADS: readonly Refusal[] = [
  ['a function in a payload', addOf({ run: () => undefined }), NOT_JSON, 'payload.run'],
  ['a symbol in a payload', addOf([Symbol('s')]), NOT_JSON, 'payload[0]'],
  ['a bigint in a payload', addOf({ items: [{ id: 1n }] }), NOT_JSON, 'payload.items[0].id'],
  ['NaN in a payload', addOf({ items: [1, NaN] }), NOT_JSON, 'payload.items[1]'],
  ['an infinity in a payload', addOf(-Infinity), NOT_JSON, 'payload'],
  ['a cycle in a payload', addOf(cyclic), NOT_JSON, 'payload.self'],
  ['a key __proto__ in a payload', addOf(JSON.parse('{"__proto__":{"x":1}}')), NOT_JSON, 'payload.__proto__'],
  ['a payload beyond 1 MiB', addOf('x'.repeat(PAYLOAD_BYTES)), 'HOLDFAST_PAYLOAD_TOO_LARGE', 'payload'],
  ['a payload beyond 64 levels', addOf(nested(PAYLOAD_LEVELS + 1)), 'HOLDFAST_PAYLOAD_TOO_DEEP', `payload${'[0]'.repeat(PAYLOAD_LEVELS)}`],
];

const OPTIONS: readonly Refusal[] = [
  ['options that are null', addWith(null), INVALID, 'options'],
  ['options that are a string', addWith('soon'), INVALID, 'options'],
  ['an unknown option', addWith({ prioritty: 1 }), UNKNOWN, 'options.prioritty'],
  ['a negative delay', addWith({ delayMs: -1 }), INVALID, 'options.delayMs'],
  ['half a millisecond', addWith({ delayMs: 1.5 }), INVALID, 'options.delayMs'],
  ['a delay that is a string', addWith({ delayMs: '5' }), INVALID, 'options.delayMs'],
  ['a delay that is NaN', addWith({ delayMs: NaN }), INVALID, 'options.delayMs'],
  ['an invalid Date', addWith({ runAt: new Date(NaN) }), INVALID, 'options.runAt'],
  ['a Date before 1970', addWith({ runAt: new Date(-1) }), INVALID, 'options.runAt'],
  ['an instant that is a number', addWith({ runAt: 5 }), INVALID, 'options.runAt'],
  ['delay and instant together', addWith({ delayMs: 1, runAt: new Date() }), INVALID, 'options.runAt'],
  ['priority 10', addWith({ priority: 10 }), INVALID, 'options.priority'],
  ['priority -1', addWith({ priority: -1 }), INVALID, 'options.priority'],
  ['no tries at all', addWith({ maxRetries: 0 }), INVALID, 'options.maxRetries'],
  ['too many tries', addWith({ maxRetries: 1_001 }), INVALID, 'options.maxRetries'],
  ['a timeout of 0', addWith({ timeoutMs: 0 }), INVALID, 'options.timeoutMs'],
  ['a lease of 199 ms', addWith({ leaseMs: 199 }), INVALID, 'options.leaseMs'],
  ['a negative retention', addWith({ retention: { deadMs: -1 } }), INVALID, 'options.retention.deadMs'],
  ['an unknown retention', addWith({ retention: { runningMs: 1 } }), UNKNOWN, 'options.retention.runningMs'],
  ['a back-off that is a number', addWith({ backoff: 5 }), INVALID, 'options.backoff'],
  ['a back-off of no known type', addWith({ backoff: { type: 'sometimes' } }), INVALID, 'options.backoff.type'],
  ['a fixed back-off below 0', addWith({ backoff: { type: 'fixed', delayMs: -1 } }), INVALID, 'options.backoff.delayMs'],
  ['a fixed back-off without a delay', addWith({ backoff: { type: 'fixed' } }), INVALID, 'options.backoff.delayMs'],
  ['an exponential back-off below 0', addWith({ backoff: { type: 'exponential', minMs: -1 } }), INVALID, 'options.backoff.minMs'],
  ['a custom back-off without a name', addWith({ backoff: { type: 'custom', name: '' } }), INVALID, 'options.backoff.name'],
  ['an unknown option of a back-off', addWith({ backoff: { type: 'fixed', delayMs: 1, maxMs: 5 } }), UNKNOWN, 'options.backoff.maxMs'],
];

const good = { name: 'welcome', payload: {} };

const MANY: readonly Refusal[] = [
  ['many that are no array', (queue) => queue.addMany({} as never), INVALID, 'tasks'],
  ['one bad name among many', (queue) => queue.addMany([good, { ...good, name: '' }]), INVALID, 'tasks[1].name'],
  ['one bad payload among many', (queue) => queue.addMany([good, { ...good, payload: NaN }]), NOT_JSON, 'tasks[1].payload'],
  ['one bad option among many', (queue) => queue.addMany([good, { ...good, options: { priority: 11 } }]), INVALID, 'tasks[1].options.priority'],
  [
    'one unknown option among many',
    (queue) => queue.addMany([good, { ...good, options: { retention: { x: 1 } as never } }]),
    UNKNOWN,
    'tasks[1].options.retention.x',
  ],
  ['an option beside the options', (queue) => queue.addMany([good, { ...good, delayMs: 60_000 } as never]), UNKNOWN, 'tasks[1].delayMs'],
  ['misspelt options among many', (queue) => queue.addMany([good, { ...good, opts: {} } as never]), UNKNOWN, 'tasks[1].opts'],
  ['a misspelt session for many', (queue) => queue.addMany([good], { sesion: {} } as never), UNKNOWN, 'within.sesion'],
  ['null in place of a session for many', (queue) => queue.addMany([good], null as never), INVALID, 'within'],
  ['a misspelt session', addWith({ sesion: {} }), UNKNOWN, 'options.sesion'],
  ['null among many', (queue) => queue.addMany([good, null as never]), INVALID, 'tasks[1]'],
];

const CHANGES: readonly Refusal[] = [
  ['get of no id', (queue) => queue.get('nope'), INVALID, 'id'],
  ['get of an object', (queue) => queue.get({ $ne: null } as never), INVALID, 'id'],
  ['cancel of no id', (queue) => queue.cancel('nope'), INVALID, 'id'],
  ['retry of no id', (queue) => queue.retry(''), INVALID, 'id'],
  ['remove of no id', (queue) => queue.remove(undefined as never), INVALID, 'id'],
  ['redrive of no id', (queue) => queue.redrive('nope'), INVALID, 'id'],
  ['redrive of no ids', (queue) => queue.redrive(['nope']), INVALID, 'ids[0]'],
  ['redrive of a number', (queue) => queue.redrive(5 as never), INVALID, 'redrive'],
  ['a page of none', (queue) => queue.list({ limit: 0 }), INVALID, 'list.limit'],
  ['a page of 1,001', (queue) => queue.list({ limit: 1_001 }), INVALID, 'list.limit'],
  ['a list of no states', (queue) => queue.list({ states: [] }), INVALID, 'list.states'],
  ['a list of unknown states', (queue) => queue.list({ states: ['gone' as never] }), INVALID, 'list.states.0'],
  ['a list after no id', (queue) => queue.list({ after: 'nope' }), INVALID, 'list.after'],
  ['an unknown filter', (queue) => queue.list({ status: 'dead' } as never), UNKNOWN, 'list.status'],
  ['a filter that is an array', (queue) => queue.list([] as never), INVALID, 'list'],
  ['a purge of an unknown state', (queue) => queue.purge({ states: ['gone' as never] }), INVALID, 'purge.states.0'],
  ['a signal that is none', (queue) => queue.purge({ signal: 1 as never }), INVALID, 'purge.signal'],
  ['an unknown choice of dead tasks', (queue) => queue.redrive({ rate: 1 } as never), UNKNOWN, 'redrive.rate'],
  ['a purge of nothing', (queue) => queue.purge({ states: [] }), INVALID, 'purge.states'],
];

forEachStore('Bad input to a queue', (opening) => {
  let store: Store;
  let queue: Queue;

  beforeEach(async () => {
    store = await opening.open();
    queue = new Queue(store, 'mail');
  });

  for (const [title, call, code, field] of [...NAMES, ...PAYLOADS, ...OPTIONS, ...MANY, ...CHANGES]) {
    it(`is refused by a code that names the field, and writes nothing: ${title}`, async () => {
      const refusal = await refusalOf(() => call(queue));
      expect({ code: refusal.code, field: refusal.field }).to.deep.equal({ code, field });
      expect(refusal.message).to.include(code).and.to.include(refusal.field);
      expect(Object.values(await queue.counts())).to.deep.equal([0, 0, 0, 0, 0, []]);
    });
  }

  it('is refused by a rejection, never by a throw', () => {
    const calls = [...NAMES, ...PAYLOADS, ...OPTIONS, ...MANY, ...CHANGES].map(([, call]) => call);
    const thrown = calls.filter((call) => {
      try {
        void Promise.resolve(call(queue)).catch(() => undefined);
        return false;
      } catch {
        return true;
      }
    });
    expect(thrown.map(String)).to.deep.equal([]);
  });

  it('of a queue name is refused where the queue is made', async () => {
    for (const name of ['', 'q'.repeat(129), 'a\u0000b', 7 as never]) {
      const refusal = await refusalOf(() => new Queue(store, name));
      expect([refusal.code, refusal.field]).to.deep.equal([INVALID, 'queue']);
    }
  });

  it('redrives nothing where one id of several is bad', async () => {
    const worker = new Worker(store, { queues: ['mail'], handlers: { welcome: () => Promise.reject(new Error('no')) } });
    await worker.start();
    const { id } = await queue.add('welcome', {}, { maxRetries: 1 });
    await eventually('it is dead', async () => (await queue.get(id))?.state === 'dead');
    await worker.stop();
    expect((await refusalOf(() => queue.redrive([id, 'nope']))).code).to.equal(INVALID);
    // A redrive of the good id would be written by now, because a later write is.
    await queue.add('welcome', {});
    await eventually('the later task is there', async () => (await queue.list()).tasks.length === 2);
    expect((await queue.get(id))?.state).to.equal('dead');
  });
});

forEachStore('The name of a queue', (opening) => {
  it('does not end in *, because that is a pattern', async () => {
    const store = await opening.open();
    for (const name of ['*', 'mail.*']) {
      const error = await refusalOf(() => new Queue(store, name));
      expect(error).to.deep.include({ code: INVALID, field: 'queue' });
    }
    expect(new Queue(store, 'a*b').name).to.equal('a*b');
  });
});

describe('The type of the tasks of addMany', () => {
  it('ties the payload to the name', () => {
    const specs = (...given: TaskSpec<{ welcome: { to: string }; bill: { cents: number } }>[]): number => given.length;
    expect(specs({ name: 'welcome', payload: { to: 'a' } }, { name: 'bill', payload: { cents: 5 }, options: { priority: 1 } })).to.equal(2);
    // @ts-expect-error: the payload belongs to the other name.
    expect(specs({ name: 'welcome', payload: { cents: 5 } })).to.equal(1);
    // @ts-expect-error: the name does not exist.
    expect(specs({ name: 'goodbye', payload: { to: 'a' } })).to.equal(1);
  });
});
