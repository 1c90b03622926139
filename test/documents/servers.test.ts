import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { endChildren, endOf, startNode } from '../fixtures/children';
import { eventually } from '../support/eventually';
import { forEachStore, forSqlite } from '../support/stores';

/** The root of the checkout, seen from the compiled tests. */
const ROOT = join(__dirname, '..', '..', '..');

const page = readFileSync(join(ROOT, 'docs/servers.md'), 'utf8');

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
        const modules = join(files.folder, 'node_modules');
        mkdirSync(modules);
        for (const [name, at] of [
          ['holdfast', ROOT],
          ['express', join(ROOT, 'node_modules/express')],
          ['fastify', join(ROOT, 'node_modules/fastify')],
        ] as const) {
          symlinkSync(at, join(modules, name));
        }
        const script = join(files.folder, 'server.cjs');
        writeFileSync(script, code);
        const child = startNode(script, [], { cwd: files.folder, env: { HOLDFAST_URL: opening.url, PORT: '0' } });
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
