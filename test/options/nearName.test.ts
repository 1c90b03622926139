import { expect } from 'chai';
import { eventOptions, scheduleOptions } from '../../config/eventOptions';
import { storeOptions, taskOptions, workerOptions } from '../../config/options';
import type { OptionTable } from '../../config/schema';
import { ERROR_CATALOGUE } from '../../constants/errors';
import { OTHER_NAMES } from '../../constants/otherNames';
import { checkOptions } from '../../modules/options/checkOptions';
import { newTasks } from '../../modules/task/newTasks';
import { codedErrorOf } from '../support/expectations';

const TABLES: Readonly<Record<string, OptionTable>> = {
  task: taskOptions,
  worker: workerOptions,
  store: storeOptions,
  schedule: scheduleOptions,
  event: eventOptions,
};

// table, the name that was given, what is told
const MEANT: readonly (readonly [string, string, string])[] = [
  ['task', 'attempts', 'its name here is maxRetries'],
  ['task', 'delay', 'its name here is delayMs'],
  ['task', 'jobId', 'its name here is uniqueKey'],
  ['task', 'removeOnComplete', 'its name here is retention'],
  ['task', 'prioritty', 'the nearest one is priority'],
  ['task', 'Priority', 'the nearest one is priority'],
  ['task', 'uniqeuKey', 'the nearest one is uniqueKey'],
  ['worker', 'concurrency', 'its name here is maxConcurrency'],
  ['worker', 'lockDuration', 'its name here is leaseMs'],
  ['worker', 'lease', 'the nearest one is leaseMs'],
  ['store', 'uri', 'its name here is url'],
  ['schedule', 'pattern', 'its name here is cron'],
  ['schedule', 'tz', 'its name here is timeZone'],
  ['event', 'attempts', 'its name here is retry'],
  ['event', 'maxConcurrency', 'its name here is concurrency'],
];

describe('An option that does not exist', () => {
  for (const [table, name, told] of MEANT) {
    it(`${table}.${name} is refused with what was meant: ${told}`, () => {
      const error = codedErrorOf(() => checkOptions(TABLES[table] as OptionTable, { [name]: 1 }, table));
      expect(error).to.include({ code: 'HOLDFAST_OPTION_UNKNOWN', field: `${table}.${name}` });
      expect(error.message).to.equal(
        `The option does not exist: ${table}.${name}: ${told}. ${ERROR_CATALOGUE.HOLDFAST_OPTION_UNKNOWN.fix} (HOLDFAST_OPTION_UNKNOWN)`,
      );
    });
  }

  it('is refused without a guess where nothing is near', () => {
    const error = codedErrorOf(() => checkOptions(taskOptions, { colour: 1 }, 'options'));
    expect(error.message).to.match(/^The option does not exist: options\.colour\. Remove it/);
  });

  it('is told with what was meant in a task of many as well', () => {
    const { message } = codedErrorOf(() => newTasks('mail', [{ name: 'a', data: 1 } as never], 0));
    expect(message).to.include('tasks[0].data: its name here is payload. ');
  });

  it('has a name of another queue only for options that there are', () => {
    const known = new Set([...Object.values(TABLES).flatMap(({ properties }) => Object.keys(properties ?? {})), 'size', 'minMs', 'payload']);
    expect(
      Object.values(OTHER_NAMES)
        .flat()
        .filter((name) => !known.has(name)),
    ).to.deep.equal([]);
  });
});

describe('The catalogue of errors', () => {
  it('tells nobody to pass a value of the type and range named', () => {
    expect(JSON.stringify(ERROR_CATALOGUE)).not.to.match(/type and range/);
  });
});
