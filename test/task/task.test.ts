import { expect } from 'chai';
import { LATEST_INSTANT } from '../../constants/limits';
import { instantAfter } from '../../modules/time/instantAfter';
import { newTask } from '../../modules/task/newTask';
import { refOf } from '../../modules/task/task';
import { retentionMs } from '../../modules/task/retention';
import { viewTask } from '../../modules/task/taskView';
import type { TaskOptions } from '../../config/optionTypes';
import type { HoldfastError } from '../../modules/errors/holdfastError';
import { codedErrorOf } from '../support/expectations';
import { idOf, sampleTask } from '../support/samples';

const taskWith = (options?: unknown) => newTask('mail', 'welcome', { to: 'a' }, options as TaskOptions);

const refusalOf = (options: unknown): HoldfastError => codedErrorOf(() => taskWith(options));

describe('newTask', () => {
  it('makes a task of a name and a payload alone', () => {
    const { id, ...task } = taskWith();
    expect(id).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(task).to.deep.equal({
      queue: 'mail',
      name: 'welcome',
      payload: '{"to":"a"}',
      due: { delayMs: 0 },
      priority: 0,
      maxRetries: 3,
      settings: {},
      uniqueKey: null,
    });
  });

  it('gives each task an id of its own, later ones behind earlier ones', () => {
    const ids = Array.from({ length: 1_000 }, () => taskWith().id);
    expect(new Set(ids).size).to.equal(1_000);
    expect(ids).to.deep.equal([...ids].sort());
  });

  it('carries every valid option', () => {
    const options = {
      priority: 9,
      maxRetries: 1_000,
      backoff: { type: 'fixed', delayMs: 5 },
      timeoutMs: 1,
      leaseMs: 200,
      retention: { succeededMs: 0, deadMs: 7 },
    } as const;
    const { priority, maxRetries, settings, due } = taskWith({ ...options, delayMs: 50 });
    expect({ priority, maxRetries, ...settings }).to.deep.equal(options);
    expect(due).to.deep.equal({ delayMs: 50 });
  });

  const BACKOFFS = [
    { type: 'fixed', delayMs: 0 },
    { type: 'exponential' },
    { type: 'exponential', minMs: 1, maxMs: 2 },
    { type: 'custom', name: 'mine' },
  ];

  for (const backoff of BACKOFFS) {
    it(`carries the back-off ${JSON.stringify(backoff)}`, () => {
      expect(taskWith({ backoff }).settings.backoff).to.deep.equal(backoff);
    });
  }

  it('carries the instant at which it is due, from 1970 to 9999', () => {
    for (const ms of [0, Date.UTC(2030, 0, 1), LATEST_INSTANT]) expect(taskWith({ runAt: new Date(ms) }).due).to.deep.equal({ at: new Date(ms) });
  });

  it('treats undefined as not given', () => {
    const options = { delayMs: undefined, runAt: undefined, priority: undefined, backoff: undefined, retention: undefined };
    expect(taskWith(options)).to.deep.include({ due: { delayMs: 0 }, priority: 0, settings: {} });
  });

  it('carries no undefined bound of a back-off, which databases take for null', () => {
    const { backoff } = taskWith({ backoff: { type: 'exponential', minMs: undefined, maxMs: 5 } }).settings;
    expect(backoff).to.have.all.keys('type', 'maxMs');
  });

  it('does not follow what its caller changes later', () => {
    const runAt = new Date(1_000);
    const options = { runAt, backoff: { type: 'fixed' as const, delayMs: 5 }, retention: { deadMs: 5 } };
    const { due, settings } = taskWith(options);
    runAt.setTime(0);
    options.backoff.delayMs = 0;
    options.retention.deadMs = 0;
    expect({ due, settings }).to.deep.equal({
      due: { at: new Date(1_000) },
      settings: { backoff: { type: 'fixed', delayMs: 5 }, retention: { deadMs: 5 } },
    });
  });

  it('refuses a bad name', () => {
    for (const name of ['', 'n'.repeat(129), 'a\nb', 5, null, undefined]) {
      expect(codedErrorOf(() => newTask('mail', name as string, 1))).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'name' });
    }
  });

  it('refuses a payload that is not JSON, and names the place', () => {
    expect(codedErrorOf(() => newTask('mail', 'welcome', { a: [NaN] }))).to.include({ code: 'HOLDFAST_PAYLOAD_NOT_JSON', field: 'payload.a[0]' });
  });
});

const MS = 'an integer from 0 to 3153600000000 (ms)';
const ALL_TYPES = /fixed.*exponential.*custom/;

// options, field, expected
const INVALID: readonly (readonly [unknown, string, (string | RegExp)?])[] = [
  [null, 'options'],
  [[], 'options'],
  [5, 'options'],
  ['text', 'options'],
  [new Date(0), 'options'],
  [{ delayMs: -1 }, 'options.delayMs', MS],
  [{ delayMs: 1.5 }, 'options.delayMs', MS],
  [{ delayMs: NaN }, 'options.delayMs', MS],
  [{ delayMs: Infinity }, 'options.delayMs', MS],
  [{ delayMs: '5' }, 'options.delayMs', MS],
  [{ delayMs: null }, 'options.delayMs', MS],
  [{ delayMs: 5, runAt: new Date(0) }, 'options.runAt', 'left out where delayMs is given'],
  [{ delayMs: 0, runAt: new Date(0) }, 'options.runAt', 'left out where delayMs is given'],
  [{ runAt: new Date(NaN) }, 'options.runAt', 'a Date from 1970 to 9999'],
  [{ runAt: new Date(-1) }, 'options.runAt', 'a Date from 1970 to 9999'],
  [{ runAt: new Date(LATEST_INSTANT + 1) }, 'options.runAt', 'a Date from 1970 to 9999'],
  [{ runAt: 1_000 }, 'options.runAt', 'a Date from 1970 to 9999'],
  [{ runAt: '2030-01-01' }, 'options.runAt', 'a Date from 1970 to 9999'],
  [{ runAt: null }, 'options.runAt', 'a Date from 1970 to 9999'],
  [{ priority: 10 }, 'options.priority', 'an integer from 0 to 9'],
  [{ priority: -1 }, 'options.priority', 'an integer from 0 to 9'],
  [{ priority: 0.5 }, 'options.priority', 'an integer from 0 to 9'],
  [{ maxRetries: 0 }, 'options.maxRetries', 'an integer from 1 to 1000'],
  [{ maxRetries: 1_001 }, 'options.maxRetries', 'an integer from 1 to 1000'],
  [{ maxRetries: Infinity }, 'options.maxRetries', 'an integer from 1 to 1000'],
  [{ leaseMs: 1 }, 'options.leaseMs', 'an integer from 200 to 43200000 (ms)'],
  [{ timeoutMs: 0 }, 'options.timeoutMs', 'an integer from 1 to 2592000000 (ms)'],
  [{ retention: null }, 'options.retention'],
  [{ retention: 5 }, 'options.retention'],
  [{ retention: { succeededMs: -1 } }, 'options.retention.succeededMs', MS],
  [{ retention: { deadMs: 0.5 } }, 'options.retention.deadMs', MS],
  [{ backoff: null }, 'options.backoff'],
  [{ backoff: 'fixed' }, 'options.backoff'],
  [{ backoff: { type: 'fixed', delayMs: -1 } }, 'options.backoff.delayMs', MS],
  [{ backoff: { type: 'fibonacci' } }, 'options.backoff.type', ALL_TYPES],
  [{ backoff: { type: 'exponential', minMs: -1 } }, 'options.backoff.minMs', MS],
  [{ backoff: { type: 'exponential', maxMs: 'long' } }, 'options.backoff.maxMs', MS],
  [{ backoff: { type: 'exponential', minMs: 2, maxMs: 1 } }, 'options.backoff', 'an object whose minMs is at most its maxMs'],
  [{ backoff: { type: 'custom', name: '' } }, 'options.backoff.name'],
];

describe('newTask refuses options', () => {
  for (const [options, field, expected] of INVALID) {
    it(`${shownAs(options)}, at ${field}`, () => {
      const error = refusalOf(options);
      expect(error).to.include({ code: 'HOLDFAST_OPTION_INVALID', field });
      if (typeof expected === 'string') expect(error.expected).to.equal(expected);
      else if (expected) expect(error.expected).to.match(expected);
    });
  }

  // back-off, what is missing in it
  const MISSING = [
    [{}, 'type'],
    [{ type: 'fixed' }, 'delayMs'],
    [{ type: 'custom' }, 'name'],
  ] as const;

  for (const [backoff, missing] of MISSING) {
    it(`with the back-off ${JSON.stringify(backoff)}, for want of ${missing}`, () => {
      const error = refusalOf({ backoff });
      expect(error.code).to.equal('HOLDFAST_OPTION_INVALID');
      expect(error.field).to.be.oneOf(['options.backoff', `options.backoff.${missing}`]);
      expect(`${error.field} ${error.expected}`).to.include(missing);
    });
  }

  const UNKNOWN: readonly (readonly [unknown, string])[] = [
    [{ delay: 5 }, 'options.delay'],
    [{ constructor: 5 }, 'options.constructor'],
    [JSON.parse('{"__proto__":{"delayMs":5}}'), 'options.__proto__'],
    [{ retention: { failedMs: 5 } }, 'options.retention.failedMs'],
    [{ backoff: { type: 'fixed', delayMs: 1, minMs: 1 } }, 'options.backoff.minMs'],
    [{ backoff: { type: 'exponential', factor: 2 } }, 'options.backoff.factor'],
  ];

  for (const [options, field] of UNKNOWN) {
    it(`${shownAs(options)}, which do not exist`, () => {
      expect(refusalOf(options)).to.include({ code: 'HOLDFAST_OPTION_UNKNOWN', field });
    });
  }
});

function shownAs(options: unknown): string {
  return JSON.stringify(options, (_key, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value));
}

describe('retentionMs', () => {
  it('is that of the task, else the default', () => {
    expect(retentionMs({ settings: { retention: { deadMs: 5, succeededMs: 0 } } }, 'dead')).to.equal(5);
    expect(retentionMs({ settings: { retention: { deadMs: 5, succeededMs: 0 } } }, 'succeeded')).to.equal(0);
    expect(retentionMs({ settings: { retention: { deadMs: 5 } } }, 'cancelled')).to.equal(86_400_000);
    expect(retentionMs({ settings: {} }, 'dead')).to.equal(180 * 86_400_000);
  });
});

describe('what is shown of a task', () => {
  it('is, in events, its identity and nothing of its payload', () => {
    expect(refOf(sampleTask())).to.deep.equal({ id: idOf(1), queue: 'mail', name: 'welcome', attempt: 1 });
  });

  it('is, to a user, its payload and result as values and nothing internal', () => {
    const view = viewTask(sampleTask({ result: '{"ok":true}' }));
    expect(view).to.deep.include({ payload: { to: 'a@example.org' }, result: { ok: true } });
    expect(view).not.to.have.any.keys('rev', 'suspect');
    expect(viewTask(sampleTask()).result).to.equal(undefined);
  });

  it('is an instant no later than the end of the year 9999', () => {
    expect(instantAfter(1_000, 500).getTime()).to.equal(1_500);
    expect(instantAfter(LATEST_INSTANT - 10, 500).getTime()).to.equal(LATEST_INSTANT);
  });
});
