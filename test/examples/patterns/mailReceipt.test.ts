import assert from 'node:assert/strict';
import { tasksOf, testStore } from 'holdfast/testing';
import { startSmtpSink } from '../../../examples/challenges/smtpSink';
import { receiptMailer, receiptWorker, sendReceipt } from '../../../examples/patterns/mailReceipt';

it('a receipt is mailed once for each order, and one for an unknown address is dead', async () => {
  const mails: unknown[] = [];
  const sink = await startSmtpSink({ write: (entry) => entry.did === 'accepted' && mails.push(entry.to) }, { deferred: 0 });
  const [store, mailer] = [await testStore(), receiptMailer(`smtp://127.0.0.1:${sink.port}`)];
  for (const order of [1, 1, 2]) await sendReceipt(store, 'ann@example.org', { order, name: 'Ann', sum: '5 €' });
  await sendReceipt(store, 'nobody@example.org', { order: 3, name: 'Nobody', sum: '7 €' });
  await receiptWorker(store, mailer).drain();
  assert.deepEqual(mails, ['ann@example.org', 'ann@example.org']);
  assert.deepEqual(
    (await tasksOf(store)).map(({ state }) => state),
    ['succeeded', 'succeeded', 'dead'],
  );
  mailer.close();
  await sink.close();
  await store.close();
});
