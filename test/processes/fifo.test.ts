import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Broker } from '../../classes/broker/broker';
import { endChildren, endOf, startFixture } from '../fixtures/children';
import type { Child } from '../fixtures/children';
import type { FifoEvent, FifoReceipt, FifoWorkerOptions } from '../fixtures/fifoWorker';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';
import { faultsOf } from './fifoHistory';

/** The number of processes that are killed, and of events between two kills. */
const KILLS = Number(process.env['HOLDFAST_TEST_FIFO_KILLS'] ?? 4);
const EVENTS = 100;

const TEST_MS = 120_000;

const PROCESSES = 3;
const VISIBILITY_SECONDS = 2;

forEachStore('FIFO queues', (opening) => {
  describe('under kills', function () {
    this.timeout(TEST_MS * (2 + KILLS));
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'holdfast-fifo-'))));
    afterEach(async () => {
      await endChildren();
      rmSync(folder, { recursive: true, force: true });
    });

    it('keep each group in order and with one consumer, and lose and double nothing', async () => {
      const file = join(folder, 'events');
      const events = (): FifoEvent[] =>
        existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as FifoEvent) : []; // prettier-ignore
      const broker = new Broker(await opening.open());
      await broker.createQueue('work', { fifo: true, maxReceiveCount: 1_000 });
      const stopFile = join(folder, 'stop');
      const load = { url: opening.url, file, stopFile, groups: 8, producers: 2, consumers: 3, visibilitySeconds: VISIBILITY_SECONDS };
      const start = (name: string): Child => startFixture('fifoWorker', { ...load, name } satisfies FifoWorkerOptions);
      const more = async (): Promise<void> => {
        const before = events().length;
        await eventually('there is more to see', () => events().length > before + EVENTS, TEST_MS);
      };
      const children = Array.from({ length: PROCESSES }, (_, at) => start(`p${at}`));
      await more();
      for (let at = 0; at < KILLS; at += 1) {
        const killed = children[at % PROCESSES] as Child;
        killed.kill('SIGKILL');
        await endOf(killed);
        children[at % PROCESSES] = start(`q${at}`);
        await more();
      }
      writeFileSync(stopFile, '');
      const isEmpty = async (): Promise<boolean> => {
        const { waiting, delayed, inFlight } = await broker.stats('work');
        return waiting + delayed + inFlight === 0;
      };
      await eventually('the queue is empty', isEmpty, TEST_MS);
      const history = events();
      expect(faultsOf(history)).to.deep.equal([]);
    });
  });
});

describe('The check of a history of FIFO queues', () => {
  const message = (sequence: string, receivedAt: number): FifoReceipt => ({
    ...{ id: `id${sequence}`, key: sequence, group: 'g', sequence, receivedAt, visibleAt: receivedAt + 2_000 },
  });
  const received = (...messages: FifoReceipt[]): FifoEvent => ({ kind: 'received', by: 'c', messages });
  const acked = (sequence: string, at: number): FifoEvent[] => [{ kind: 'ack', id: `id${sequence}`, at }, { kind: 'acked', id: `id${sequence}`, at }]; // prettier-ignore
  const faulty: Readonly<Record<string, readonly FifoEvent[]>> = {
    'two consumers of a group': [received(message('1', 0)), received(message('2', 500))],
    'a receive out of order': [received(message('2', 0), message('1', 0))],
    'a message that was passed over': [received(message('1', 0)), received(message('2', 3_000))],
    'a message that came late': [received(message('2', 0)), ...acked('2', 10), received(message('1', 500))],
    'a message that came back after its acknowledgement': [received(message('1', 0)), ...acked('1', 10), received(message('1', 3_000))],
    'a lost message': [{ kind: 'sent', key: '1', group: 'g', id: 'id1', sequence: '1', at: 0 }],
    'a repeated send with two ids': [
      { kind: 'sent', key: 'k', group: 'g', id: 'id1', sequence: '1', at: 0 },
      { kind: 'sent', key: 'k', group: 'g', id: 'id2', sequence: '2', at: 0 },
      ...acked('1', 5),
      ...acked('2', 5),
    ],
  };
  for (const [name, events] of Object.entries(faulty)) it(`finds ${name}`, () => expect(faultsOf(events)).to.have.lengthOf.greaterThan(0));

  it('finds nothing in a good one', () => {
    const events = [received(message('1', 0), message('2', 0)), ...acked('1', 10), received(message('2', 2_100), message('3', 2_100)), ...acked('2', 2_200), ...acked('3', 2_300)]; // prettier-ignore
    expect(faultsOf(events)).to.deep.equal([]);
  });
});
