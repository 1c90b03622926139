import type { System } from './system';

/** The limit on MongoDB: the same writes by the driver alone, in the best form known. */
export const rawMongodb: System = {
  name: 'raw-mongodb',
  server: 'mongodb',
  settings: 'w: majority, j: true; two claims of 1,000 at once, read ahead from a mark, outcomes written meanwhile',
  works: ['add-one', 'add-one-100', 'add-bulk', 'drain', 'drain-10', 'drain-100', 'drain-5ms', 'drain-kept', 'drain-failing'],
  // Its driver takes a third of a second to load, which the other systems need not wait for.
  open: async (url) => (await import('./rawMongodbClient.js')).openRawMongodb(url),
};
