import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { mongo } from 'mongoose';
import { Broker } from '../../classes/broker/broker';
import { Queue } from '../../classes/queue/queue';
import { openStore } from '../../classes/store/openStore';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import { isHoldfastError } from '../../modules/errors/holdfastError';
import { forMongo } from '../support/stores';

/** The most commands at which the client is closed. Most calls send fewer; those of the background count as well. */
const MOST_COMMANDS = 12;
const MOST_OF_CALL = 3;

/** Tries in all, on a machine that is too slow for the time of a call. */
const MOST_TRIES = 50;
const TOO_SLOW = 'too slow';

/** The codes by which a call may end once its client is closed. */
const CODES = ['HOLDFAST_STORE_UNREACHABLE', 'HOLDFAST_STORE_TIMEOUT'];

/** Each call, and what is there before it. */
const CALLS: Readonly<Record<string, (store: Store) => { readonly before?: () => Promise<unknown>; readonly call: () => Promise<unknown> }>> = {
  'an add': (store) => ({ call: () => new Queue(store, 'q').add('work', 1, { uniqueKey: 'k' }) }),
  'a bulk add': (store) => ({ call: () => new Queue(store, 'q').addMany(Array.from({ length: 50 }, () => ({ name: 'work', payload: 1 }))) }),
  'a list': (store) => ({ before: () => new Queue(store, 'q').add('work', 1), call: () => new Queue(store, 'q').list() }),
  counts: (store) => ({ call: () => new Queue(store, 'q').counts() }),
  'a cancel': (store) => {
    const queue = new Queue(store, 'q');
    let id = '';
    return { before: async () => ({ id } = await queue.add('work', 1)), call: () => queue.cancel(id) };
  },
  'an acknowledgement': (store) => {
    const broker = new Broker(store);
    let receipt = '';
    const before = async (): Promise<void> => {
      await broker.createQueue('orders');
      await broker.send('orders', { body: 1 });
      receipt = (await broker.receive('orders', { waitSeconds: 5 }))[0]?.receipt ?? '';
    };
    return { before, call: () => broker.ack(receipt) };
  },
};

const codeOf = (error: unknown): string => (isHoldfastError(error) ? error.code : `without a code: ${String(error)}`);

forMongo('Where the caller closes its client at a command', (opening) => {
  const faults: string[] = [];
  const note = (reason: unknown): void => void faults.push(`unhandled: ${String(reason)}`);
  let others: NodeJS.UnhandledRejectionListener[] = [];

  beforeEach(() => {
    others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', note);
  });

  afterEach(() => {
    process.off('unhandledRejection', note);
    for (const other of others) process.on('unhandledRejection', other);
    expect(faults.splice(0), 'rejections that nobody handled, and internal errors').to.deep.equal([]);
  });

  /** A client that is closed at one of its commands from a moment on. */
  const clientClosedAt = (at: number) => {
    const client = new mongo.MongoClient(opening.url, { monitorCommands: true });
    let seen = -Infinity;
    let closing: Promise<void> | undefined;
    client.on('commandStarted', () => {
      if ((seen += 1) === at) closing = client.close();
    });
    const end = async (): Promise<void> => {
      await closing;
      await client.close();
      await turn();
    };
    return { client, arm: () => (seen = 0), isClosed: () => closing !== undefined, end };
  };

  /**
   * Runs something with a client that is closed at its command. Returns the code, `none` if it ended well, null if it sends fewer commands, or `too slow` if
   * it did not come so far within the short time that a call has here.
   */
  const codeAt = async (at: number, run: (store: () => Promise<Store>, arm: () => void) => Promise<unknown>): Promise<string | null> => {
    const { client, arm, isClosed, end } = clientClosedAt(at);
    let store: Store | undefined;
    const open = async (): Promise<Store> => {
      store = await openStore({ connection: client, callTimeoutMs: 300 });
      store.events.on('internal-error', ({ where, error }) => faults.push(`${where}: ${error.message}`));
      return store;
    };
    try {
      const code = await run(open, arm).then(() => 'none', codeOf);
      return isClosed() ? code : code === 'none' ? null : TOO_SLOW;
    } finally {
      await store?.close();
      await end();
    }
  };

  const codesOf = async (run: Parameters<typeof codeAt>[1], most = MOST_OF_CALL): Promise<string[]> => {
    const codes: string[] = [];
    for (let at = 1, tries = 1; at <= most; tries += 1) {
      const code = await codeAt(at, run);
      if (code === null) break;
      await opening.db().dropDatabase();
      if (code === TOO_SLOW && tries < MOST_TRIES) continue;
      codes.push(code);
      at += 1;
    }
    expect(codes, 'closings').to.not.be.empty;
    return codes;
  };

  it('the opening ends with a code', async () => {
    const codes = await codesOf((open, arm) => {
      arm();
      return open();
    }, MOST_COMMANDS);
    expect(codes.filter((code) => !CODES.includes(code))).to.deep.equal([]);
  });

  for (const [name, prepare] of Object.entries(CALLS)) {
    it(`${name} ends with a code`, async () => {
      const codes = await codesOf(async (open, arm) => {
        const { before, call } = prepare(await open());
        await before?.();
        arm();
        return call();
      });
      expect(codes.filter((code) => !CODES.includes(code))).to.deep.equal([]);
    });
  }

  it('a long poll waits for the store to come back, and ends empty', async () => {
    const codes = await codesOf(async (open, arm) => {
      const broker = new Broker(await open());
      await broker.createQueue('orders');
      arm();
      expect(await broker.receive('orders', { waitSeconds: 1 })).to.deep.equal([]);
    });
    expect(codes.filter((code) => !['none', ...CODES].includes(code))).to.deep.equal([]);
  });

  it('a worker can be stopped, and its store closed', async () => {
    const codes = await codesOf(async (open, arm) => {
      const store = await open();
      await new Queue(store, 'q').addMany([1, 2, 3].map((payload) => ({ name: 'work', payload })));
      const worker = new Worker(store, { queues: ['q'], handlers: { work: () => 'done' }, gracePeriodMs: 100 });
      const isOver = new Promise<void>((resolve) => {
        let left = 3;
        store.events.on('store-lost', () => resolve());
        store.events.on('task-succeeded', () => (left -= 1) || resolve());
      });
      arm();
      await worker.start();
      await isOver;
      await worker.stop();
    });
    expect(codes.filter((code) => code !== 'none')).to.deep.equal([]);
  });
});
