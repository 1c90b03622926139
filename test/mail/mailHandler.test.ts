import { expect } from 'chai';
import { mailClient, mailHandler } from '../../classes/mail/mail';
import type { MailHandler, MailMessage } from '../../classes/mail/mail';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import { eventually, refusalOf } from '../support/eventually';
import { forEachStore } from '../support/stores';
import { SmtpSink } from './smtpSink';

const templates = { welcome: { subject: 'Welcome', text: 'Dear {{name}}', html: '<p>Dear {{name}}</p>' } };

forEachStore('A worker with a mail handler', (opening) => {
  let sink: SmtpSink;
  let store: Store;
  let queue: Queue<{ mail: MailMessage }>;
  let worker: Worker<{ mail: MailMessage }>;
  let handler: MailHandler;

  beforeEach(async () => {
    sink = await SmtpSink.start();
    store = await opening.open();
    queue = new Queue(store, 'mails');
    handler = mailHandler({ smtp: sink.url, from: 'news@shop.example', templates });
    worker = new Worker(store, { queues: ['mails'], handlers: { mail: handler }, pollInterval: { maxMs: 50 } });
    await worker.start();
  });

  afterEach(async () => {
    await worker.stop();
    handler.close();
    await sink.close();
  });

  const backoff = { type: 'fixed', delayMs: 10 } as const;
  const ended = (id: string) =>
    eventually('it has ended', async () => {
      const task = await queue.get(id);
      return task?.state === 'succeeded' || task?.state === 'dead' ? task : undefined;
    });

  it('sends one mail a task, and keeps its receipt as the result', async () => {
    const { id } = await queue.add('mail', { to: 'ada@example.org', template: 'welcome', data: { name: 'Ada' } });
    const receipt = (await queue.result(id, { timeoutMs: 30_000 })) as { messageId: string; response: string };
    expect(sink.accepted.map(({ to }) => to)).to.deep.equal([['ada@example.org']]);
    expect(sink.accepted[0]?.source).to.include(`Message-ID: ${receipt.messageId}`);
  });

  it('tries again after a passing fault', async () => {
    let attempts = 0;
    sink.atRecipient = () => ((attempts += 1) === 1 ? [451, 'greylisted'] : undefined);
    const { id } = await queue.add('mail', { to: 'ada@example.org', template: 'welcome', data: { name: 'Ada' } }, { backoff });
    const { state, failures } = await ended(id);
    expect([state, failures, attempts, sink.accepted.length]).to.deep.equal(['succeeded', 1, 2, 1]);
  });

  it('sends a mail again under the same id when it was not told of its acceptance', async () => {
    sink.breaksOff = () => sink.accepted.length === 1;
    const { id } = await queue.add('mail', { to: 'ada@example.org', template: 'welcome', data: { name: 'Ada' } }, { backoff });
    const { state, failures } = await ended(id);
    const ids = sink.accepted.map(({ source }) => /^Message-ID: (.*)$/im.exec(source)?.[1]?.trim());
    expect([state, failures, ids.length, new Set(ids).size]).to.deep.equal(['succeeded', 1, 2, 1]);
  });

  it('is done at once with an unknown recipient, with an address of two lines and with a missing value', async () => {
    sink.atRecipient = (address) => (address.startsWith('nobody') ? [550, 'no such user'] : undefined);
    for (const [mail, code] of [
      [{ to: 'nobody@example.org', template: 'welcome', data: { name: 'Ada' } }, 'HOLDFAST_MAIL_REFUSED'],
      [{ to: 'ada@example.org\nBcc: eve@example.org', template: 'welcome', data: { name: 'Ada' } }, 'HOLDFAST_MAIL_INVALID'],
      [{ to: 'ada@example.org', template: 'welcome' }, 'HOLDFAST_MAIL_INVALID'],
    ] as const) {
      const { id } = await queue.add('mail', mail, { backoff });
      const { state, failures, error } = await ended(id);
      expect([state, failures, error?.code]).to.deep.equal(['dead', 1, code]);
    }
    expect(sink.accepted).to.have.length(0);
  });

  it('shares a client with other handlers, and leaves it open', async () => {
    const client = mailClient({ smtp: sink.url, from: 'news@shop.example', templates });
    mailHandler(client).close();
    await client.send({ to: 'ada@example.org', template: 'welcome', data: { name: 'Ada' } });
    client.close();
    const refused = await refusalOf(() => client.send({ to: 'ada@example.org', template: 'welcome', data: { name: 'Ada' } }));
    expect(refused.code).to.equal('HOLDFAST_CLIENT_CLOSED');
  });
});
