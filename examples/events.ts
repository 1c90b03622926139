import { setTimeout as wait } from 'node:timers/promises';
import { EventHub, isHoldfastError, openStore } from '../index';
import type { Store } from '../index';
import { startMailServer } from './mailServer';
import { paymentEvent, reportEvent, signUpEvent } from './shopEvents';

/**
 * A sample of declared events. `npm run demo:events` runs until Ctrl-C; with `-- --once` it ends when each event has been processed.
 *
 * It uses the store of HOLDFAST_URL, else a SQLite file.
 */

const PAUSE_MS = 3_000;

async function main(once: boolean): Promise<void> {
  const store = await openStore();
  const mail = await startMailServer();
  const [signUp, payment, report] = [signUpEvent(mail), paymentEvent(), reportEvent()];
  const hub = new EventHub(store, [signUp, payment, report]);
  const happened = Promise.all([signUp, payment, report].map(({ name }) => succeeded(store, name)));
  await hub.start();
  const ended = hub.ended.then(() => true);

  for (let order = 1; ; order += 1) {
    try {
      await signUp.emit({ to: `customer-${Date.now()}@example.org`, plan: 'free' });
      await payment.emit({ order, card: { number: '4000 0566 5566 5556', cvc: '737' } });
    } catch (error) {
      // A signal may close the store while an event is being emitted.
      if (!isHoldfastError(error, 'HOLDFAST_STORE_CLOSED')) throw error;
      break;
    }
    const isOver = await Promise.race([ended, once ? happened : wait(PAUSE_MS, false)]);
    if (isOver) break;
  }
  await hub.stop();
  await mail.close();
  await store.close();
}

/** Resolves when an event of this name has been processed. */
const succeeded = (store: Store, name: string): Promise<void> =>
  new Promise((resolve) => store.events.on('task-succeeded', ({ task }) => (task.name === name ? resolve() : undefined)));

void main(process.argv.includes('--once'));
