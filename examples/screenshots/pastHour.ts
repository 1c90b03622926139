import { setTimeout as wait } from 'node:timers/promises';
import { openStore } from '../../classes/store/openStore';
import type { Store } from '../../classes/store/store';
import { Queue } from '../../classes/queue/queue';
import { Worker } from '../../classes/worker/worker';
import type { TaskContext } from '../../modules/worker/taskContext';
import { systemClock } from '../../modules/time/clock';

/** A shop's tasks, whose pictures say more than those of one kind. */
type Work = Record<string, { readonly [key: string]: unknown }>;

const MINUTES = 60;
const MINUTE_MS = 60_000;

/** Makes an error as a program of the shop would throw it. Its frames tell nothing of the machine that makes the pictures. */
function failure(name: string, message: string, frame: string): Error {
  const error = new Error(message);
  error.name = name;
  error.stack = `${name}: ${message}\n    at ${frame}\n    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)`;
  return error;
}

async function welcome({ payload, log }: TaskContext<{ to?: string; number?: number }>): Promise<unknown> {
  const number = payload.number ?? 0;
  log.info('rendering the template welcome.html');
  await wait(number % 7);
  if (number % 23 === 0)
    throw failure('MailboxFull', `550 the mailbox of ${payload.to ?? ''} is full`, 'sendWelcome (/app/mail/sendWelcome.js:42:11)');
  return { accepted: [payload.to] };
}

async function resize({ payload }: TaskContext<{ number?: number }>): Promise<unknown> {
  await wait(2 + ((payload.number ?? 0) % 11));
  return { bytes: 48_211 };
}

async function charge({ payload, log, failures }: TaskContext<{ number?: number }>): Promise<unknown> {
  const number = payload.number ?? 0;
  await wait(number % 5);
  if (number % 17 === 0 && failures < 2) {
    log.warn('the gateway answers slowly');
    throw failure('GatewayTimeout', `no answer of payments.example.org for invoice ${number} within 10 s`, 'charge (/app/billing/charge.js:17:9)');
  }
  return { paid: true };
}

function deliver({ payload }: TaskContext<{ order?: unknown }>): unknown {
  if (payload.order === null) throw failure('TypeError', "Cannot read properties of null (reading 'id')", 'deliver (/app/hooks/deliver.js:9:28)');
  return { delivered: true };
}

/** The handlers of the shop. Some of its tasks fail, each by a cause of its own. */
export const HANDLERS = { welcome, resize, charge, deliver };

export const QUEUES = ['mail', 'images', 'billing', 'webhooks'];

const payloadOf = (name: string, number: number): Work[string] =>
  ({
    welcome: { to: `reader${number}@example.org`, number, locale: number % 3 === 0 ? 'de' : 'en' },
    resize: { path: `/photos/${number}.jpg`, width: 1_280, number },
    charge: { invoice: 20_000 + number, number, customer: { id: number % 40, token: 'tok_visa' } },
    deliver: { url: 'https://hooks.example.org/orders', order: number % 31 === 0 ? null : { id: number } },
  })[name] ?? {};

/** Adds tasks of one name. */
export async function addSome(store: Store, queue: string, name: string, count: number, from = 0): Promise<void> {
  const options = { maxRetries: 3, backoff: { type: 'fixed', delayMs: 0 }, tags: name === 'charge' ? ['eu'] : [] } as const;
  const specs = Array.from({ length: count }, (_, index) => ({ name, payload: payloadOf(name, from + index), options }));
  await new Queue<Work>(store, queue).addMany(specs);
}

/** Works through an hour of a shop in a few seconds: each of its minutes on a store whose clock is that far behind. */
export async function livePastHour(url: string): Promise<void> {
  const begun = Date.now();
  for (let ago = MINUTES; ago > 0; ago -= 1) {
    const opened = Date.now();
    const store = await openStore({ url }, { clock: { ...systemClock, now: () => begun - ago * MINUTE_MS + Date.now() - opened } });
    const busy = 1 + Math.sin(ago / 9) / 2;
    const from = 1_000 * (MINUTES - ago);
    await addSome(store, 'mail', 'welcome', Math.round(60 * busy), from);
    await addSome(store, 'images', 'resize', Math.round(40 * busy), from);
    await addSome(store, 'billing', 'charge', Math.round(22 * busy), from);
    await addSome(store, 'webhooks', 'deliver', Math.round(30 * busy), from);
    await new Worker(store, { queues: QUEUES, handlers: HANDLERS, maxConcurrency: 50 }).drain();
    await store.close();
  }
}
