import { expect } from 'chai';
import { logEvents, PermanentError, Queue, Worker } from '../../index';
import type { LogRecord } from '../../index';
import { codedErrorOf } from '../support/expectations';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';

forEachStore('The log of a worker', (opening) => {
  it('has a line when a task fails and one when it is dead, until it is ended', async () => {
    const store = await opening.open();
    const records: LogRecord[] = [];
    const end = logEvents(store.events, { log: (record) => records.push(record) });
    const fail = ({ attempt }: { attempt: number }): never => {
      throw attempt === 1 ? new Error('not yet') : new PermanentError('no address');
    };
    const worker = new Worker(store, { queues: ['mail'], handlers: { welcome: fail } });
    await worker.start();
    const queue = new Queue(store, 'mail');
    const { id } = await queue.add('welcome', { to: 'a' }, { backoff: { type: 'fixed', delayMs: 0 } });
    await eventually('it is dead', () => records.some(({ event }) => event === 'task-dead'));
    const told = records.filter((record) => record.id === id && (record.level === 'warn' || record.level === 'error'));
    expect(told.map(({ event, message }) => [event, message])).to.deep.include([
      'task-dead',
      `welcome ${id} (attempt 2) is dead: PermanentError: no address`,
    ]);
    expect(records.filter((record) => record.id === id).map(({ event }) => event)).to.include('task-retried');
    end();
    const before = records.length;
    await worker.stop();
    expect(records).to.have.length(before);
  });

  it('is refused where there is nothing to write it to', async () => {
    const { events } = await opening.open();
    for (const logger of [{}, { info: () => 1 }] as never[]) {
      expect(codedErrorOf(() => logEvents(events, logger))).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'logger' });
    }
  });
});
