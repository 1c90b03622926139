import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { expect } from 'chai';
import { mailClient } from '../../classes/mail/mail';
import type { MailArguments, MailClient } from '../../classes/mail/mail';
import { retryOf } from '../../modules/task/handlerErrors';
import { eventually, makeGate, refusalOf } from '../support/eventually';
import { SmtpSink } from './smtpSink';

const templates = {
  discussion: {
    subject: 'New discussion: {{title}}',
    text: 'Dear {{reader.name}}, {{title}} & more',
    html: '<p title="{{title}}">Dear {{reader.name}}</p>',
  },
  plain: { subject: 'Hello', text: '{{#each items}}{{this}};{{/each}}' },
};

const data = { title: 'Dates', reader: { name: 'Ada' } };
const mail = { to: 'ada@example.org', template: 'discussion', data };

/** What is refused about a mail: a change of it, and the field at fault. */
const INVALID = [
  ['an address with a line break', { to: 'ada@example.org\r\nBcc: eve@example.org' }, 'mail.to'],
  ['an address with a line feed at its end', { to: 'ada@example.org\n' }, 'mail.to'],
  ['two addresses', { to: 'ada@example.org, eve@example.org' }, 'mail.to'],
  ['a list of addresses', { to: ['ada@example.org'] }, 'mail.to'],
  ['an address with a name', { to: 'Ada <ada@example.org>' }, 'mail.to'],
  ['an address with a quoted part', { to: '"ada eve"@example.org' }, 'mail.to'],
  ['no address', { to: 'ada' }, 'mail.to'],
  ['an address with a parameter', { to: 'ada@example.org> SIZE=1' }, 'mail.to'],
  ['an address that is too long', { to: `ada@${'x'.repeat(320)}.org` }, 'mail.to'],
  ['a name with a line break', { name: 'Ada\r\nBcc: eve@example.org' }, 'mail.name'],
  ['a subject with a line break', { data: { ...data, title: 'Dates\r\nBcc: eve@example.org' } }, 'mail.data'],
  ['a subject with a lone carriage return', { data: { ...data, title: 'Dates\rBcc: eve@example.org' } }, 'mail.data'],
  ['an unknown template', { template: 'missing' }, 'mail.template'],
  ['a template by the name of a property', { template: 'constructor' }, 'mail.template'],
  ['a value missing', { data: { title: 'Dates' } }, 'mail.data'],
  ['a value that only a prototype has', { data: { title: 'Dates', reader: {} } }, 'mail.data'],
  ['a property that a mail does not have', { bcc: 'eve@example.org' }, 'mail.bcc'],
  ['data that is a text', { data: 'x' }, 'mail.data'],
] as const;

describe('A client for mail', () => {
  const clients: MailClient[] = [];
  let sink: SmtpSink;

  beforeEach(async () => {
    sink = await SmtpSink.start();
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await sink.close();
  });

  const open = (options: Partial<MailArguments> = {}): MailClient => {
    const client = mailClient({ smtp: sink.url, from: 'Challenges <news@shop.example>', templates, ...options });
    clients.push(client);
    return client;
  };

  const sources = (): string[] => sink.accepted.map(({ source }) => source);

  it('sends text beside HTML to one recipient, and returns the id and the answer of the server', async () => {
    const { messageId, response } = await open({ replyTo: 'help@shop.example' }).send({ ...mail, name: 'Ada L.' }, { id: 'task-1' });
    expect(messageId).to.match(/^<[0-9a-f]{40}@shop\.example>$/);
    expect(response).to.match(/^250 /);
    const [{ from, to, source }] = sink.accepted as [(typeof sink.accepted)[0]];
    expect([from, to]).to.deep.equal(['news@shop.example', ['ada@example.org']]);
    for (const line of [
      'From: Challenges <news@shop.example>',
      'To: "Ada L." <ada@example.org>',
      'Reply-To: help@shop.example',
      'Subject: New discussion: Dates',
      `Message-ID: ${messageId}`,
      'Auto-Submitted: auto-generated',
      'Content-Type: text/plain',
      'Content-Type: text/html',
      'Dear Ada, Dates & more',
      '<p title="Dates">Dear Ada</p>',
    ])
      expect(source).to.include(line);
  });

  it('has the same id in each attempt, and another one for another task, recipient or step', async () => {
    const client = open();
    const ids: string[] = [];
    for (const [to, caller] of [
      ['ada@example.org', { id: '1' }],
      ['Ada@example.org', { id: '1' }],
      ['bob@example.org', { id: '1' }],
      ['ada@example.org', { id: '2' }],
      ['ada@example.org', { id: '1', key: 'step' }],
      ['ada@example.org', {}],
    ] as const)
      ids.push((await client.send({ ...mail, to }, caller)).messageId);
    expect(ids[0]).to.equal(ids[1]);
    expect(new Set(ids).size).to.equal(5);
  });

  it('escapes in HTML what a template shows, and nothing in text', async () => {
    const name = `<script>alert("x")</script> & 'Co'`;
    await open().send({ ...mail, data: { title: name, reader: { name } } });
    const source = sources()[0]?.replace(/=\r\n/g, '').replace(/=3D/g, '=') ?? '';
    const [text, html] = source.split('text/html');
    expect(text).to.include(`Dear ${name}`);
    expect(html).to.include('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp;').and.not.include('<script>');
  });

  for (const [what, change, field] of INVALID) {
    it(`refuses for good a mail with ${what}`, async () => {
      const error = await refusalOf(() => open().send({ ...mail, ...change } as never, { id: '1' }));
      expect([error.code, error.field, retryOf(error)]).to.deep.equal(['HOLDFAST_MAIL_INVALID', field, 'never']);
      expect(error.message).to.not.include('eve@');
      expect(sink.connections).to.equal(0);
    });
  }

  it('reaches an address of another script', async () => {
    await open().send({ ...mail, to: 'ada@münchen.example', name: 'Ада' });
    // The server shows the name as it is read; on the way it has the form that every server knows.
    expect(sink.accepted[0]?.to).to.deep.equal(['ada@münchen.example']);
    expect(sources()[0]).to.include('<ada@xn--mnchen-3ya.example>');
  });

  it('takes a sender with a name in quotes, and one without a name', async () => {
    await open({ from: '"Shop, Inc." <news@shop.example>' }).send(mail);
    await open({ from: 'news@shop.example' }).send(mail);
    expect(sources().map((source) => /^From: (.*)$/m.exec(source)?.[1]?.trim())).to.deep.equal([
      '"Shop, Inc." <news@shop.example>',
      'news@shop.example',
    ]);
  });

  it('leaves out a part whose value is null or missing', async () => {
    const own = { note: { subject: 'Note', text: 'a{{#if note}} ({{note}}){{/if}}' } };
    for (const given of [{ note: null }, {}]) await open({ templates: own }).send({ to: 'ada@example.org', template: 'note', data: given });
    for (const source of sources()) expect(source).to.match(/\r\n\r\na\r\n/);
    expect(sources()).to.have.length(2);
  });

  it('shows a list, and data whose values are null', async () => {
    await open().send({ to: 'ada@example.org', template: 'plain', data: { items: ['a', null, 'c'] } });
    expect(sources()[0]).to.include('a;;c;');
  });

  for (const [what, code, retry] of [
    ['an unknown recipient', 550, 'never'],
    ['a recipient whose box is over its quota for good', 552, 'never'],
    ['a recipient for whom it is greylisted', 451, 'backoff'],
    ['a recipient whose box is busy', 450, 'backoff'],
  ] as const) {
    it(`tells ${what} apart by ${code}: ${retry}`, async () => {
      sink.atRecipient = (address) => [code, `5.1.1 <${address}>: mailbox`];
      const error = await refusalOf(() => open().send(mail, { id: '1' }));
      expect([error.code, retryOf(error)]).to.deep.equal([code >= 500 ? 'HOLDFAST_MAIL_REFUSED' : 'HOLDFAST_MAIL_FAILED', retry]);
      expect(error.message).to.include(`${code} 5.1.1 <address> mailbox`).and.not.include('ada@');
    });
  }

  for (const [code, retry] of [
    [554, 'never'],
    [552, 'never'],
    [451, 'backoff'],
    [421, 'backoff'],
  ] as const) {
    it(`is told about the content by ${code}: ${retry}`, async () => {
      sink.atData = () => [code, 'content'];
      expect(retryOf(await refusalOf(() => open().send(mail, { id: '1' })))).to.equal(retry);
    });
  }

  it('tries again when its login is refused, and tells no password', async () => {
    await sink.close();
    sink = await SmtpSink.start({ needsLogin: true });
    sink.atLogin = () => [535, 'authentication failed'];
    const smtp = sink.url.replace('//', '//user:s3cret@');
    for (const given of [smtp, { host: '127.0.0.1', port: sink.port, auth: { user: 'user', pass: 's3cret' } }]) {
      const error = await refusalOf(() => open({ smtp: given }).send(mail, { id: '1' }));
      expect([error.code, retryOf(error)]).to.deep.equal(['HOLDFAST_MAIL_FAILED', 'backoff']);
      expect(error.message).to.include('535').and.not.include('s3cret');
    }
    sink.atLogin = () => undefined;
    await open({ smtp }).send(mail, { id: '1' });
    expect(sink.accepted).to.have.length(1);
  });

  it('tries again when nobody is there', async () => {
    const { url } = sink;
    await sink.close();
    const error = await refusalOf(() => open({ smtp: url }).send(mail, { id: '1' }));
    expect([error.code, retryOf(error)]).to.deep.equal(['HOLDFAST_MAIL_FAILED', 'backoff']);
    sink = await SmtpSink.start();
  });

  for (const [what, greeting] of [
    ['says nothing', ''],
    ['lets nobody in', '554 no service\r\n'],
    ['is busy', '421 later\r\n'],
    ['speaks another language', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['ends in the middle', '220 hello\r\n'],
  ] as const) {
    it(`tries again when the server ${what}`, async () => {
      const sockets: Socket[] = [];
      const mute = createServer((socket) => {
        sockets.push(socket.on('error', () => undefined));
        if (greeting !== '') socket.write(greeting, () => greeting.startsWith('220') && socket.once('data', () => socket.destroy()));
      });
      mute.listen(0, '127.0.0.1');
      await once(mute, 'listening');
      const smtp = `smtp://127.0.0.1:${(mute.address() as AddressInfo).port}`;
      const error = await refusalOf(() => open({ smtp, timeoutMs: 300 }).send(mail, { id: '1' }));
      sockets.forEach((socket) => socket.destroy());
      await new Promise((resolve) => mute.close(resolve));
      expect([error.code, retryOf(error)]).to.deep.equal(['HOLDFAST_MAIL_FAILED', 'backoff']);
      expect(sockets).to.have.length(1);
    });
  }

  it('tries again when the server does not accept a mail in time', async () => {
    const gate = makeGate();
    sink.atData = () => gate.opened.then(() => undefined);
    const error = await refusalOf(() => open({ timeoutMs: 200 }).send(mail, { id: '1' }));
    expect([error.code, retryOf(error)]).to.deep.equal(['HOLDFAST_MAIL_FAILED', 'backoff']);
    expect(error.message).to.include('200 ms');
    gate.open();
  });

  it('keeps so many connections as allowed, and uses them again', async () => {
    const client = open({ connections: 2 });
    await Promise.all(Array.from({ length: 20 }, (_, n) => client.send(mail, { id: String(n) })));
    expect([sink.accepted.length, sink.mostOpen, sink.connections]).to.deep.equal([20, 2, 2]);
  });

  it('ends with the signal of its task, and never sends the mail that waited for a connection', async () => {
    const gate = makeGate();
    sink.atData = () => gate.opened.then(() => undefined);
    const client = open({ connections: 1 });
    const controller = new AbortController();
    const first = client.send(mail, { id: '1' });
    await eventually('the first is under way', () => sink.connections === 1);
    const second = client.send(mail, { id: '2', signal: controller.signal }).catch((error: unknown) => error);
    controller.abort(new Error('stopped'));
    expect(((await second) as Error).message).to.equal('stopped');
    gate.open();
    await first;
    await client.send(mail, { id: '3' });
    expect(sink.accepted).to.have.length(2);
  });

  it('sends nothing when it is closed', async () => {
    const client = open();
    await client.send(mail, { id: '1' });
    client.close();
    expect((await refusalOf(() => client.send(mail, { id: '2' }))).code).to.equal('HOLDFAST_CLIENT_CLOSED');
    await eventually('its connections are closed', () => sink.accepted.length === 1);
  });

  it('refuses options that cannot work, when it is made', async () => {
    for (const [options, field] of [
      [{ smtp: 'http://mail.example.org' }, 'mail.smtp'],
      [{ from: 'Shop <news@shop.example>\r\nBcc: eve@example.org' }, 'mail.from'],
      [{ from: 'nobody' }, 'mail.from'],
      [{ from: 'a@b.c, d@e.f' }, 'mail.from'],
      [{ from: 'News news@example.org' }, 'mail.from'],
      [{ from: '<news@example.org' }, 'mail.from'],
      [{ replyTo: 'a@b.c, d@e.f' }, 'mail.replyTo'],
      [{ templates: {} }, 'mail.templates'],
      [{ templates: { a: { subject: 'x' } } }, 'mail.templates'],
      [{ templates: { a: { subject: 'x', text: '{{#if a}}' } } }, 'mail.templates.a.text'],
      [{ connections: 0 }, 'mail.connections'],
    ] as const) {
      const error = await refusalOf(() => open(options as never));
      expect([error.code, error.field]).to.deep.equal(['HOLDFAST_OPTION_INVALID', field]);
    }
    expect((await refusalOf(() => open({ pool: false } as never))).code).to.equal('HOLDFAST_OPTION_UNKNOWN');
  });
});
