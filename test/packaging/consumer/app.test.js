// Run by Jest and by Vitest, which both have `test` as a global.
const holdfast = require('holdfast');
const { runTask } = require('./runTask');

for (const url of process.env.STORE_URLS.split(' ')) {
  test(`a task runs on ${url.split(':')[0]}`, async () => {
    if ((await runTask(holdfast, url)) !== 42) throw new Error('the task has another result');
  }, 30_000);
}

test('an error of this realm is known', async () => {
  const store = await holdfast.openStore('sqlite::memory:');
  const queue = new holdfast.Queue(store, 'errors');
  const { id } = await queue.add('fail', {});
  const fail = () => {
    throw new holdfast.PermanentError('no price', { cause: new TypeError('below') });
  };
  await new holdfast.Worker(store, { queues: ['errors'], handlers: { fail } }).drain();
  const { state, error } = await queue.get(id);
  await store.close();
  if (state !== 'dead' || error.name !== 'PermanentError' || error.cause.name !== 'TypeError') throw new Error(JSON.stringify({ state, error }));
});
