import type { System } from './system';

/** The limit of MongoDB: the same writes by the driver alone, in the fastest known form. */
export const rawMongodb: System = {
  name: 'raw-mongodb',
  server: 'mongodb',
  settings: 'w: majority, j: true; two claims of 1,000 at once, read ahead from a mark, outcomes written meanwhile',
  works: ['add-one', 'add-one-100', 'add-bulk', 'drain', 'drain-10', 'drain-100', 'drain-5ms', 'drain-kept', 'drain-failing'],
  // The driver takes a third of a second to load. Other systems must not pay for that.
  open: async (url) => (await import('./rawMongodbClient.js')).openRawMongodb(url),
};
