import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { forEachStore, forSqlite } from '../support/stores';
import { Servers } from './client';
import type { Call } from './client';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const pressed = (fields: Readonly<Record<string, string>> = {}): Call => ({ body: new URLSearchParams(fields).toString(), headers: FORM });

forEachStore('The page of the broker', (opening) => {
  const servers = new Servers(opening);
  afterEach(() => servers.close());

  it('shows queues with their counts, and the messages of one with state, count, time left and body', async () => {
    const client = await servers.start();
    await client.post('/v1/queues/orders/messages', {
      messages: [{ body: { order: 17 } }, { body: 'late', contentType: 'text/plain', delaySeconds: 600 }],
    });
    await client.post('/v1/queues/orders/receive', { visibilityTimeoutSeconds: 600 });
    const { text } = await client.get('/plain/?queue=orders');
    for (const shown of ['in-flight', 'delayed', '{&#34;order&#34;:17}', 'late', '600 s']) expect(text).to.include(shown);
    expect((await client.get('/plain/?queue=orders&state=delayed')).text)
      .to.include('late')
      .and.not.include('&#34;order&#34;');
    expect((await client.get('/plain/?queue=orders&state=dead')).text).to.include('No messages.');
  });

  it('sends, redrives and purges by its buttons', async () => {
    const client = await servers.start({ allowWrites: true, queues: [{ name: 'orders' }] });
    const sent = await client.call(
      'POST',
      '/plain/queues/orders/send',
      pressed({ body: '{"order":17}', contentType: 'application/json', delaySeconds: '' }),
    );
    expect([sent.status, sent.headers['location']]).to.deep.equal([303, '../../?queue=orders']);
    const received = await client.post('/v1/queues/orders/receive');
    const [message] = received.body['messages'] as unknown as { body: unknown; receipt: string }[];
    expect(message?.body).to.deep.equal({ order: 17 });
    await client.post('/v1/queues/orders/dead-letter', { receipt: message?.receipt });
    expect((await client.call('POST', '/plain/queues/orders/redrive', pressed())).status).to.equal(303);
    expect((await client.get('/v1/queues/orders/stats')).body).to.include({ waiting: 1 });
    expect((await client.call('POST', '/plain/queues/orders/purge', pressed())).status).to.equal(303);
    expect((await client.get('/v1/queues/orders/stats')).body).to.include({ waiting: 0 });
  });
});

forSqlite('The page of the broker, to a reader', (opening) => {
  const servers = new Servers(opening);
  afterEach(() => servers.close());

  it('has no script, and its policy allows its own style and nothing else', async () => {
    const client = await servers.start();
    const { text, headers } = await client.get('/plain/');
    const style = /<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy']).to.equal(
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    );
    expect(text).to.not.match(/<script|\son\w+=|\sstyle=/i);
  });

  it('escapes what producers wrote', async () => {
    const client = await servers.start();
    const evil = `"><script>alert(1)</script><img src=x onerror='alert(1)'>\u001b[2J`;
    await client.post('/v1/queues/a/messages', { body: evil, contentType: 'text/plain' });
    await client.post('/v1/queues/a/messages', { body: { [evil]: evil } });
    const { text } = await client.get('/plain/?queue=a');
    expect(text)
      .to.include('&#60;script&#62;')
      .and.not.match(/<script|<img/)
      .and.not.include('\u001b');
  });

  it('is refreshed each second, except while a form is open', async () => {
    const client = await servers.start({ allowWrites: true, queues: [{ name: 'a' }] });
    expect((await client.get('/plain/?queue=a')).text).to.include('http-equiv="refresh" content="1"');
    for (const form of ['send', 'purge']) expect((await client.get(`/plain/?queue=a&form=${form}`)).text).to.not.include('http-equiv');
  });

  it('has no buttons where writes are not allowed, and takes no press of one', async () => {
    const client = await servers.start({ queues: [{ name: 'a' }] });
    expect((await client.get('/plain/?queue=a')).text).to.not.match(/<button|send…|purge…/);
    for (const button of ['send', 'redrive', 'purge']) {
      const answer = await client.call('POST', `/plain/queues/a/${button}`, pressed(button === 'send' ? { body: '1' } : {}));
      expect([answer.status, answer.body['code']]).to.deep.equal([403, 'writes_disabled']);
    }
  });
});
