import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { Statements } from '../../classes/sqlite/statements';
import { Worker } from '../../classes/worker/worker';
import { eventually } from '../support/eventually';
import { forSqlite } from '../support/stores';

/** SQLite reads the value of these parameters for its plan, and so prepares the statement anew at each run. An expression is not read. */
const READ_FOR_THE_PLAN = /\b(?:LIMIT|GLOB|LIKE)\s+\?\d*(?!\d)(?!\s*\+)/;

/** Returns the texts of all statements that are prepared while something runs. */
async function preparedBy(run: () => Promise<void>): Promise<string[]> {
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const { prepare } = Statements.prototype;
  const texts = new Set<string>();
  Statements.prototype.prepare = function (sql: string) {
    texts.add(sql);
    return prepare.call(this, sql);
  };
  await run().finally(() => (Statements.prototype.prepare = prepare));
  return [...texts];
}

forSqlite('The statements of a store', (opening) => {
  it('are prepared once: no plan depends on the value of a parameter', async () => {
    const texts = await preparedBy(async () => {
      const store = await opening.open();
      const queue = new Queue(store, 'q');
      const worker = new Worker(store, { queues: ['q'] });
      worker.handle('work', () => undefined);
      await queue.add('work', 1);
      await queue.list({ tag: 'a' });
      await worker.start();
      await eventually('the task is done', async () => (await queue.counts()).succeeded === 1);
      await store.close();
    });
    expect(texts.some((sql) => sql.includes('LIMIT'))).to.equal(true);
    expect(texts.filter((sql) => READ_FOR_THE_PLAN.test(sql))).to.deep.equal([]);
  });
});
