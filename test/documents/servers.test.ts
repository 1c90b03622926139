import { expect } from 'chai';
import { endChildren, endOf } from '../fixtures/children';
import { eventually } from '../support/eventually';
import { forEachStore, forSqlite } from '../support/stores';
import { pageAt, startScript } from './pageProgram';

const page = pageAt('docs/servers.md');

/** The programs of the page by the titles before them. */
const PROGRAMS = [...page.matchAll(/^## (\w+)\n\n```javascript\n(.*?)^```$/gms)].map(([, title = '', code = '']) => [title, code] as const);

forSqlite('The page of web servers', (files) => {
  afterEach(endChildren);

  it('has a program for Express and one for Fastify', () => {
    expect(PROGRAMS.map(([title]) => title)).to.deep.equal(['Express', 'Fastify']);
  });

  forEachStore('has a program', (opening) => {
    for (const [title, code] of PROGRAMS) {
      it(`of ${title} that adds a task, answers with its result and ends with 0`, async () => {
        const packages = ['express', 'fastify'];
        const child = startScript({ folder: files.folder, code, env: { HOLDFAST_URL: opening.url, PORT: '0' }, packages });
        const [, port] = await eventually('it listens', () => /listening on (\d+)/.exec(child.out));
        const url = `http://127.0.0.1:${port}/welcome`;
        const posted = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"to":"a@example.org"}' });
        expect(posted.status).to.equal(202);
        const { id } = (await posted.json()) as { id: string };
        expect(await (await fetch(`${url}/${id}`)).json()).to.deep.equal({ sentTo: 'a@example.org' });
        child.kill('SIGTERM');
        expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
      });
    }
  });
});
