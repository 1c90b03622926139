import { mailOptions } from '../config/mailOptions';
import { httpOptions } from '../config/httpOptions';
import type { OptionTable } from '../config/schema';
import { failuresOptions, statisticsOptions } from '../config/observeOptions';
import { backupOptions, copyOptions, runnerOptions } from '../config/cliOptions';
import { serverCliOptions, tokenOptions } from '../config/serverOptions';
import { seedOptions } from '../config/demoOptions';
import { backoffOptions, batchOptions, resultOptions, retentionOptions, storeOptions, taskOptions, workerOptions } from '../config/options';
import { batchStart, listOptions, searchOptions } from '../config/searchOptions';
import {
  brokerOptions,
  deadLetterOptions,
  deadLetterRedriveOptions,
  peekOptions,
  queueAttributes,
  receiveOptions,
  sentMessage,
} from '../config/brokerOptions';
import { countOptions, purgeOptions, redriveOptions } from '../config/bulkOptions';

/** A table of options in the documents. */
export interface Section {
  readonly title: string;
  /** The place where the options are given, as Markdown. */
  readonly use: string;
  readonly table: OptionTable;
  /** The language of the example. */
  readonly language: 'ts' | 'sh';
  /** Code that uses some of the options. */
  readonly example: string;
}

export const SECTIONS: readonly Section[] = [
  {
    title: 'Opening a store',
    use: '`openStore(url)` or `openStore({ … })`',
    table: storeOptions,
    language: 'ts',
    example: `import { openStore, Queue } from 'holdfast';

const store = await openStore({ url: 'mongodb://localhost:27017/shop', callTimeoutMs: 3_000, namespace: 'staging' });
const mail = new Queue<{ welcome: { to: string } }>(store, 'mail'); // for the examples below`,
  },
  {
    title: 'A task',
    use: '`queue.add(name, payload, { … })`',
    table: taskOptions,
    language: 'ts',
    example: `await mail.add(
  'welcome',
  { to: 'a@example.org' },
  { delayMs: 60_000, priority: 2, maxRetries: 5, timeoutMs: 30_000, uniqueKey: 'welcome:a@example.org', tags: ['signup'] },
);`,
  },
  {
    title: 'Retention of a task',
    use: '`retention: { … }`',
    table: retentionOptions,
    language: 'ts',
    example: `await mail.add('welcome', { to: 'a@example.org' }, { retention: { succeededMs: 0, deadMs: 30 * 86_400_000 } });`,
  },
  {
    title: 'A worker',
    use: '`new Worker(store, { … })`',
    table: workerOptions,
    language: 'ts',
    example: `import { Worker } from 'holdfast';
import { sendWelcome } from './mailer.js'; // a module of yours

const worker = new Worker<{ welcome: { to: string } }>(store, {
  queues: ['urgent', 'mail'],
  handlers: { welcome: ({ payload, signal }) => sendWelcome(payload.to, { signal }) },
  backoffs: { patient: (failures) => failures * 60_000 },
  maxConcurrency: 20,
  leaseMs: 60_000,
  pollInterval: { maxMs: 500 },
});`,
  },
  {
    title: 'A batch handler',
    use: '`worker.handleBatch(name, handler, { … })`',
    table: batchOptions,
    language: 'ts',
    example: `worker.handleBatch('welcome', async ({ tasks }) => tasks.map(({ id, payload }) => [id, payload.to]), { size: 500 });`,
  },
  {
    title: 'A listing',
    use: '`queue.list({ … })`',
    table: listOptions,
    language: 'ts',
    example: `const { tasks, next } = await mail.list({ states: ['dead'], tag: 'signup', limit: 100 });`,
  },
  {
    title: 'A result',
    use: '`queue.result(id, { … })`',
    table: resultOptions,
    language: 'ts',
    example: `const { id } = await mail.add('welcome', { to: 'a@example.org' });\nconst answer = await mail.result(id, { timeoutMs: 5_000 });`,
  },
  {
    title: 'Counts',
    use: '`queue.counts({ … })`',
    table: countOptions,
    language: 'ts',
    example: `const { waiting, atLeast } = await mail.counts({ upTo: 100_000 });`,
  },
  {
    title: 'Statistics',
    use: '`store.statistics.read({ … })`',
    table: statisticsOptions,
    language: 'ts',
    example: `const { points } = await store.statistics.read({ queue: 'mail', step: 60_000 });\nfor (const { at, succeeded, dead, wait } of points) console.log(at, succeeded, dead, wait.p95);`,
  },
  {
    title: 'Failures',
    use: '`store.failures.list({ … })`',
    table: failuresOptions,
    language: 'ts',
    example: `const groups = await store.failures.list({ queue: 'mail', limit: 10 });`,
  },
  {
    title: 'A search',
    use: '`store.search(text, { … })`: see [search.md](search.md)',
    table: searchOptions,
    language: 'ts',
    example: `const found = await store.search('state:dead error:"timed out"', { within: ['mail'], limit: 100 });`,
  },
  {
    title: 'A batch',
    use: '`store.batches.start({ … })`: see [search.md](search.md#batches)',
    table: batchStart,
    language: 'ts',
    example: `const batch = await store.batches.start({ action: 'retry', search: 'state:dead error:"timed out"', by: 'ann' });`,
  },
  {
    title: 'A purge',
    use: '`queue.purge({ … })`',
    table: purgeOptions,
    language: 'ts',
    example: `const removed = await mail.purge({ states: ['succeeded', 'cancelled'], finishedBefore: new Date(Date.now() - 3_600_000) });`,
  },
  {
    title: 'A redrive',
    use: '`queue.redrive({ … })`',
    table: redriveOptions,
    language: 'ts',
    example: `const again = await mail.redrive({ name: 'welcome', ratePerSecond: 100 });`,
  },
  {
    title: 'The runner',
    use: '`npx holdfast …`, or `node index.js …` in a checkout, runs the demo handlers, and no others: a worker with handlers of its own is a program of its own, see [README](../README.md#which-entry-point).',
    table: runnerOptions,
    language: 'sh',
    example: 'npx holdfast --queue demo --processes 4 --log-level verbose',
  },
  {
    title: 'Copying',
    use: '`npx holdfast copy …`',
    table: copyOptions,
    language: 'sh',
    example: 'npx holdfast copy --from sqlite:./data/holdfast.db --to mongodb://localhost:27017/holdfast',
  },
  {
    title: 'A backup',
    use: '`npx holdfast backup <file>`, with `--url` and `--prefix` of the store: see [backup.md](backup.md).',
    table: backupOptions,
    language: 'sh',
    example: 'npx holdfast backup ./backups/monday.db --url sqlite:./data/holdfast.db',
  },
  {
    title: 'The server of the broker',
    use: '`npx holdfast server …` or `npm run broker -- …`, with `--url` and the other flags of the store: see [broker.md](broker.md).',
    table: serverCliOptions,
    language: 'sh',
    example: 'npx holdfast server --port 9400 --url mongodb://localhost:27017/shop --queues-file ./queues.json --tokens-file ./tokens.json',
  },
  {
    title: 'A token of the broker',
    use: '`npx holdfast token …`',
    table: tokenOptions,
    language: 'sh',
    example: 'npx holdfast token --name shop --actions produce,read --queues orders',
  },
  {
    title: 'Seeding',
    use: '`npx holdfast seed …`',
    table: seedOptions,
    language: 'sh',
    example: 'npx holdfast seed --count 2000 --kinds checksum,flaky --failure-rate 0.1',
  },
  {
    title: 'A broker',
    use: '`new Broker(store, { … })`',
    table: brokerOptions,
    language: 'ts',
    example: `import { Broker } from 'holdfast';

const broker = new Broker(store, { createsQueues: true });`,
  },
  {
    title: 'A queue of the broker',
    use: '`broker.createQueue(name, { … })`, `broker.configureQueue(name, { … })`',
    table: queueAttributes,
    language: 'ts',
    example: `await broker.createQueue('orders', { visibilityTimeoutSeconds: 60, maxReceiveCount: 3, deadLetterQueue: 'orders.failed' });`,
  },
  {
    title: 'A message',
    use: '`broker.send(queue, { … })`',
    table: sentMessage,
    language: 'ts',
    example: `await broker.send('orders', { body: { order: 17 }, attributes: { trace: 'x-1' }, delaySeconds: 5 }, { idempotencyKey: 'order-17' });`,
  },
  {
    title: 'A receive',
    use: '`broker.receive(queue, { … })`',
    table: receiveOptions,
    language: 'ts',
    example: `for (const message of await broker.receive('orders', { max: 10, waitSeconds: 20 })) await broker.ack(message.receipt);`,
  },
  {
    title: 'A look at messages',
    use: '`broker.peek(queue, { … })`',
    table: peekOptions,
    language: 'ts',
    example: `const { messages } = await broker.peek('orders', { state: 'in-flight' });`,
  },
  {
    title: 'A dead letter',
    use: '`broker.deadLetter(receipt, { … })`',
    table: deadLetterOptions,
    language: 'ts',
    example: `for (const { receipt } of await broker.receive('orders')) await broker.deadLetter(receipt, { reason: 'no-such-order' });`,
  },
  {
    title: 'A redrive of dead letters',
    use: '`broker.redrive(queue, { … })`',
    table: deadLetterRedriveOptions,
    language: 'ts',
    example: `await broker.redrive('orders', { limit: 100, reason: 'no-such-order' });`,
  },
  {
    title: 'An HTTP client',
    use: '`httpClient({ … })` and `httpHandler({ … })` of `holdfast/http`: see [http-tasks.md](http-tasks.md).',
    table: httpOptions,
    language: 'ts',
    example: `import { httpClient, httpHandler } from 'holdfast/http';

const client = httpClient({ callsPerHost: 5, timeoutMs: 10_000, allowedHosts: ['challenges.internal'] });
const calls = new Worker(store, { queues: ['calls'], handlers: { call: httpHandler(client) } });`,
  },
  {
    title: 'A mail client',
    use: '`mailClient({ … })` and `mailHandler({ … })` of `holdfast/mail`: see [mail-tasks.md](mail-tasks.md).',
    table: mailOptions,
    language: 'ts',
    example: `import { mailClient, mailHandler } from 'holdfast/mail';

const mailer = mailClient({
  smtp: 'smtps://user:password@mail.example.org',
  from: 'Challenges <news@example.org>',
  templates: { welcome: { subject: 'Welcome', text: 'Dear {{name}}', html: '<p>Dear {{name}}</p>' } },
});
const mails = new Worker(store, { queues: ['mails'], handlers: { mail: mailHandler(mailer) } });`,
  },
];

/** The table of back-offs. A task takes one of them. */
export const BACKOFF_SECTION: Section = {
  title: 'Back-off',
  use: '`backoff: { … }` of a task: one of these.',
  table: backoffOptions,
  language: 'ts',
  example: `const payload = { to: 'a@example.org' };
await mail.add('welcome', payload, { backoff: { type: 'fixed', delayMs: 5_000 } });
await mail.add('welcome', payload, { backoff: { type: 'exponential', minMs: 1_000, maxMs: 600_000 } });
await mail.add('welcome', payload, { backoff: { type: 'custom', name: 'patient' } }); // a function of the worker's backoffs`,
};
