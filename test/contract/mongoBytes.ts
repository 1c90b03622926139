import { expect } from 'chai';
import { mongo } from 'mongoose';
import sinon from 'sinon';
import { COMMAND_BYTES } from '../../constants/limits';
import { settleAll } from '../../classes/lease/settleAll';
import type { Settled } from '../../classes/lease/settler';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import type { Settlement } from '../../modules/ports/taskStore';
import { eventually } from '../support/eventually';
import { bytesOf, commandsDuring } from '../support/mongoCommands';
import type { SeenCommand } from '../support/mongoCommands';
import type { MongoOpening } from '../support/stores';
import { large, MEBIBYTE } from './bytes';
import { claim, QUEUE, samples, settlement } from './samples';

/** What a command has beside its texts. */
const FRAME_BYTES = MEBIBYTE;

/** What crosses the wire to MongoDB and back. */
export function mongoBytes(opening: MongoOpening): void {
  // A sandbox for this suite alone: stubs of other files must stay.
  const sandbox = sinon.createSandbox();
  afterEach(() => sandbox.restore());

  const during = (run: () => Promise<unknown>): Promise<SeenCommand[]> => commandsDuring(opening.db().databaseName, run);

  const named = (commands: readonly SeenCommand[], ...names: string[]): SeenCommand[] => commands.filter(({ name }) => names.includes(name));

  const largest = (commands: readonly SeenCommand[]): number => Math.max(...commands.map(({ command }) => bytesOf(command)));

  const total = (commands: readonly SeenCommand[]): number => commands.reduce((sum, { command }) => sum + bytesOf(command), 0);

  /** Claims new tasks and returns their settlements, each with a result of a mebibyte. */
  async function largeResults(store: Store, count: number): Promise<Settlement[]> {
    await store.parts.tasks.insert(samples(count));
    const running = await claim(store.parts.tasks, { limit: count });
    return running.map((task, index) => settlement(task, { state: 'succeeded', keepMs: 60_000, result: large(index) }));
  }

  /** Makes the second update of the driver fail, unsent. */
  /** Fails the second update, also when the same command is sent again. */
  function failSecondUpdate(): void {
    const original = Reflect.get(mongo.Collection.prototype, 'updateMany') as (...given: unknown[]) => Promise<mongo.UpdateResult>;
    let failed: unknown;
    const update = sandbox.stub(mongo.Collection.prototype, 'updateMany');
    update.callsFake(function (this: mongo.Collection, ...given) {
      if (update.callCount === 2) [failed] = given;
      return given[0] === failed ? Promise.reject(new mongo.MongoNetworkError('the connection was reset')) : original.apply(this, given as unknown[]);
    });
  }

  it('is little when large tasks of a crashed worker are taken back', async () => {
    const store = await opening.open();
    const queue = new Queue(store, QUEUE);
    await queue.addMany(Array.from({ length: 40 }, (_, index) => ({ name: 'work', payload: JSON.parse(large(index)) as unknown })));
    const commands = await during(async () => {
      while ((await claim(store.parts.tasks, { limit: 40, leaseMs: 2_000 })).length > 0);
      await eventually('all of them wait', async () => (await queue.counts()).waiting === 40);
    });
    const finds = named(commands, 'find', 'getMore').filter(({ command }) => JSON.stringify(command).includes('lease.expiresAt'));
    expect(finds.length).to.be.above(0);
    const bytes = finds.reduce((sum, { reply }) => sum + bytesOf(reply), 0);
    expect(bytes).to.be.below(MEBIBYTE);
  });

  it('is bounded a command when large tasks are added', async () => {
    const store = await opening.open();
    const many = Array.from({ length: 40 }, (_, index) => ({ name: 'work', payload: JSON.parse(large(index)) as unknown }));
    const commands = named(await during(() => new Queue(store, QUEUE).addMany(many)), 'insert');
    expect(commands.length).to.be.above(3);
    expect(largest(commands)).to.be.below(COMMAND_BYTES + FRAME_BYTES);
    expect(total(commands)).to.be.below(41 * MEBIBYTE);
  });

  it('is each large result once', async () => {
    const store = await opening.open();
    const settlements = await largeResults(store, 60);
    const commands = named(await during(() => submitAll(store, settlements)), 'update');
    expect(largest(commands)).to.be.below(COMMAND_BYTES + FRAME_BYTES);
    expect(total(commands)).to.be.below(61 * MEBIBYTE);
  });

  it('is no result again that was answered, where a command among others fails', async () => {
    const store = await opening.open();
    const settlements = await largeResults(store, 60);
    failSecondUpdate();
    const commands = await during(async () => expect(new Set(await submitAll(store, settlements))).to.deep.equal(new Set(['applied'])));
    expect(total(named(commands, 'update'))).to.be.below(61 * MEBIBYTE);
  });

  it('is no result again that was answered, where a command of one call fails', async () => {
    const store = await opening.open();
    const settlements = await largeResults(store, 60);
    failSecondUpdate();
    const commands = await during(async () => {
      const answers = await store.parts.tasks.settle(settlements);
      const unknown = answers.filter((answer) => answer === 'unknown').length;
      expect(unknown).to.be.within(1, 12);
      expect(answers.filter((answer) => answer === 'applied')).to.have.lengthOf(60 - unknown);
      const left = settlements.filter((_, index) => answers[index] === 'unknown');
      expect(new Set(await settleAll(store.parts.tasks, left))).to.deep.equal(new Set(['applied']));
    });
    expect(total(named(commands, 'update'))).to.be.below(61 * MEBIBYTE);
  });

  it('fails where a call is answered for none', async () => {
    const store = await opening.open();
    const settlements = await largeResults(store, 30);
    sandbox.stub(mongo.Collection.prototype, 'updateMany').rejects(new mongo.MongoNetworkError('the connection was reset'));
    const error = await store.parts.tasks.settle(settlements).catch((thrown: unknown) => thrown);
    expect(error).to.have.property('code', 'HOLDFAST_STORE_UNREACHABLE');
  });
}

const submitAll = (store: Store, settlements: readonly Settlement[]): Promise<Settled[]> =>
  Promise.all(settlements.map((one) => new Promise<Settled>((resolve) => store.parts.settler.submit(one, resolve))));
