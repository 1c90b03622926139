import { expect } from 'chai';
import { endChildren, endOf } from '../fixtures/children';
import { json, WebServer } from '../http/webServer';
import { SmtpSink } from '../mail/smtpSink';
import { forEachStore, forSqlite } from '../support/stores';
import { pageAt, startModule } from './pageProgram';

/** Returns the program of a page: its blocks in order, but those that have a place of their own. */
const blocksOf = (page: string): string[] => [...pageAt(`docs/${page}`).matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);

/** Puts text in place of other text, which has to be there. */
const put = (code: string, changes: Readonly<Record<string, string>>): string =>
  Object.entries(changes).reduce((left, [old, next]) => {
    expect(left).to.include(old);
    return left.replace(old, next);
  }, code);

forSqlite('The program of', (files) => {
  afterEach(endChildren);

  /** Runs a program to its end, and returns what it printed. */
  async function run(code: string, url: string): Promise<string> {
    const child = startModule({ folder: files.folder, code, env: { HOLDFAST_URL: url } });
    const end = await endOf(child);
    expect([end, child.err]).to.deep.equal([{ code: 0, signal: null }, '']);
    return child.out;
  }

  forEachStore('the page', (opening) => {
    it('of HTTP tasks makes its calls, and ends with 0', async () => {
      const server = await WebServer.start(json({ saved: true }, 200));
      try {
        const [first = '', second = '', third = ''] = blocksOf('http-tasks.md');
        const own = `const own = await calls.add('closeSubmission', { url: '${server.url('/9')}', endsAt: 'now' }); console.log(await calls.result(own.id));`;
        const code = [first, second, own, third, 'await store.close();'].join('\n');
        const out = await run(
          put(code, { 'callsPerHost: 5,': "callsPerHost: 5, allowedHosts: ['127.0.0.1'],", 'https://hooks.example.org': server.url('') }),
          opening.url,
        );
        expect(out).to.include('saved: true').and.include('closed');
        expect(server.seen.map(({ method, path, body }) => [method, path, body])).to.deep.equal([
          ['PUT', '/7', '{"status":"REVIEW"}'],
          ['PUT', '/9', '{"status":"REVIEW","if":{"status":"SUBMISSION","subEndAt":"now"}}'],
        ]);
      } finally {
        await server.close();
      }
    });

    it('of mail tasks sends its mails, and ends with 0', async () => {
      const sink = await SmtpSink.start();
      try {
        const [first = '', second = '', third = ''] = blocksOf('mail-tasks.md');
        const own = "const own = await mails.add('remind', { to: 'bob@example.org', title: 'Rules' }); await mails.result(own.id);";
        const code = [first, second, own, third, 'await store.close();'].join('\n');
        const out = await run(put(code, { 'smtps://user:password@mail.example.org': sink.url }), opening.url);
        expect(out).to.match(/messageId: '<[0-9a-f]{40}@example\.org>'/);
        expect(sink.accepted.map(({ to, source }) => [to, /^Subject: (.*)$/m.exec(source)?.[1]?.trim()])).to.deep.equal([
          [['ada@example.org'], 'New discussion: Dates'],
          [['bob@example.org'], 'New discussion: Rules'],
        ]);
      } finally {
        await sink.close();
      }
    });
  });
});
