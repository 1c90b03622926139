import { createConnection } from 'mongoose';
import { expect } from 'chai';
import { onReplicaSet } from './ownSet';

/** A process looks for an unanswered claim for a third of this. */
const LEASE_MS = 3_000;

/** Limits the fail points to these connections. */
const APP = 'holdfast-load';

const WRITES = ['insert', 'update', 'findAndModify'];
const COMMANDS = [...WRITES, 'find', 'aggregate'];

const failure = (data: object, times: number): object => ({ configureFailPoint: 'failCommand', mode: { times }, data: { appName: APP, ...data } });

const writeConcernError = (code: number, codeName: string): object => ({ code, codeName, errmsg: 'the majority has not answered' });

/** The faults of the server, each for a limited number of commands. */
const FAULTS: readonly [string, object][] = [
  ['says that it is shutting down (91)', failure({ failCommands: COMMANDS, errorCode: 91 }, 6)],
  ['says that it has stepped down (189)', failure({ failCommands: COMMANDS, errorCode: 189 }, 6)],
  ['says that it changes its state (11602)', failure({ failCommands: COMMANDS, errorCode: 11602 }, 6)],
  ['says that it does not lead (10107)', failure({ failCommands: COMMANDS, errorCode: 10107 }, 6)],
  ['closes the connection instead of answering', failure({ failCommands: COMMANDS, closeConnection: true }, 6)],
  [
    'writes, but says that the majority has not (91)',
    failure({ failCommands: WRITES, writeConcernError: writeConcernError(91, 'ShutdownInProgress') }, 6),
  ],
  [
    'writes, but says that the majority has not in time (64)',
    failure({ failCommands: WRITES, writeConcernError: writeConcernError(64, 'WriteConcernFailed') }, 6),
  ],
  ['answers after the call was given up', failure({ failCommands: WRITES, blockConnection: true, blockTimeMS: 2_000 }, 4)],
];

onReplicaSet('Workers under load whose server', (own) => {
  for (const [title, failPoint] of FAULTS) {
    it(`${title} lose nothing, run nothing twice and go on`, async () => {
      const load = await own.loadOn(urls(own.set.uri(own.freshName())), { leaseMs: LEASE_MS });
      await (await own.primary()).command(failPoint);
      await load.moreRuns(40);
      await load.everyWorkerClaims(performance.now(), `a server that ${title}`);
      expect(await fired('failCommand')).to.be.above(3);
      await load.finish();
      expect(load.countOf('store-error')).to.equal(0);
    });
  }

  it('meets write conflicts lose nothing, run nothing twice and go on', async () => {
    const load = await own.loadOn(urls(own.set.uri(own.freshName())));
    await (await own.primary()).command({ configureFailPoint: 'WTWriteConflictException', mode: { activationProbability: 0.05 } });
    await load.moreRuns(60);
    expect(await fired('WTWriteConflictException')).to.be.above(3);
    await load.finish();
    expect(load.countOf('store-error')).to.equal(0);
  });

  it('writes and closes the connection, where the driver of the caller sends again by itself, lose nothing and run nothing twice', async () => {
    const connection = await createConnection(own.set.uri(own.freshName()), { retryWrites: true }).asPromise();
    try {
      const load = await own.loadOn([{ connection }]);
      await (await own.primary()).command({ configureFailPoint: 'onPrimaryTransactionalWrite', mode: { times: 3 }, data: { closeConnection: true } });
      await load.moreRuns(40);
      expect(await fired('onPrimaryTransactionalWrite')).to.be.above(0);
      await load.finish();
      await load.close();
    } finally {
      await connection.close();
    }
  });

  const urls = (url: string): object[] => Array.from({ length: 2 }, () => ({ url: `${url}&appName=${APP}`, callTimeoutMs: 1_000 }));

  /** Turns a fail point off, and returns the number of times that it fired. */
  const fired = async (configureFailPoint: string): Promise<number> => {
    const { count } = await (await own.primary()).command({ configureFailPoint, mode: 'off' });
    return Number(count);
  };
});
