import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { ADMIN_PATH, BROKER_PATH, OPENAPI_PATH, withAdminRoutes, withProblems } from '../../docs/brokerPage';
import { forEachStore } from '../support/stores';
import { Servers } from './client';
import type { Document } from './requests';

const run = promisify(execFile);
const page = readFileSync(BROKER_PATH, 'utf8');

/** The examples of the page that call the broker, in their order. */
const examples = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, code = '']) => code).filter((code) => code.includes('curl '));

/** Each call of the examples writes its status, and fails the script if it is a fault. */
const CURL = `curl() { command curl -sS --fail-with-body --max-time 30 "$@"; }`;

describe('docs/admin-api.md', () => {
  it('has the table of the present routes (npx gulp docs writes it)', () => {
    const text = readFileSync(ADMIN_PATH, 'utf8');
    expect(withAdminRoutes(text, JSON.parse(readFileSync(OPENAPI_PATH, 'utf8')) as never)).to.equal(text);
  });
});

describe('docs/broker.md', () => {
  it('names every route of the document', () => {
    const { paths } = JSON.parse(readFileSync(OPENAPI_PATH, 'utf8')) as Document;
    const routes = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `\`${method.toUpperCase()} ${path}\``));
    expect(routes.filter((route) => !route.includes('/v1/admin/') && !page.includes(route))).to.deep.equal([]);
  });

  it('has the table of the present codes (npx gulp docs writes it)', () => {
    expect(withProblems(page)).to.equal(page);
  });
});

forEachStore('The examples of docs/broker.md', (opening) => {
  const servers = new Servers(opening);
  afterEach(() => servers.close());

  it('run one after another', async () => {
    const client = await servers.start();
    const script = ['set -euo pipefail', CURL, ...examples.map((code) => code.replaceAll('http://127.0.0.1:9324', client.url))].join('\n');
    const { stdout } = await run('bash', ['-c', script]);
    expect(stdout).to.include('"moved":1').and.include('"status":"ready"');
  });
});
