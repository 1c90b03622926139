import { readFileSync } from 'node:fs';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { expect } from 'chai';
import { openApiText, OPENAPI_PATH } from '../../docs/brokerPage';
import { forSqlite } from '../support/stores';
import { Servers } from './client';

describe('docs/openapi.json', () => {
  it('is what the schemas of the routes say (npx gulp docs writes it)', async () => {
    expect(readFileSync(OPENAPI_PATH, 'utf8')).to.equal(await openApiText());
  });

  it('has no fault that a linter finds', async () => {
    const config = await createConfig({ extends: ['recommended'] });
    const faults = await lintFromString({ source: readFileSync(OPENAPI_PATH, 'utf8'), config });
    expect(faults.map(({ ruleId, message }) => `${ruleId}: ${message}`)).to.deep.equal([]);
  });
});

forSqlite('The document of the broker', (opening) => {
  const servers = new Servers(opening);
  afterEach(() => servers.close());

  it('is shown at /docs, with nothing from other servers', async () => {
    const client = await servers.start();
    const page = await client.get('/docs');
    expect(page.status).to.equal(200);
    expect(page.text.match(/(?:src|href)="(?!\/docs\/)[^"]*"/g)).to.equal(null);
    expect(page.headers['content-security-policy'])
      .to.include("default-src 'self'")
      .and.not.match(/https?:|unsafe-eval/);
    expect((await client.get('/docs/json')).body).to.deep.equal(JSON.parse(readFileSync(OPENAPI_PATH, 'utf8')));
  });
});
