'use strict';

/** Opens a store, runs one task on it and returns its result. */
exports.runTask = async ({ openStore, Queue, Worker }, url) => {
  const store = await openStore(url);
  try {
    const queue = new Queue(store, 'packaging');
    const { id } = await queue.add('double', { n: 21 });
    const worker = new Worker(store, { queues: ['packaging'], handlers: { double: async ({ payload }) => payload.n * 2 } });
    await worker.drain();
    const task = await queue.get(id);
    return task.result;
  } finally {
    await store.close();
  }
};
