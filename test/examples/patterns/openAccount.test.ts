import assert from 'node:assert/strict';
import { testStore } from 'holdfast/testing';
import { accountOpened, prepare } from '../../../examples/patterns/openAccount';

const accounts = { findEndedTrials: () => Promise.resolve([]), endTrial: () => Promise.resolve(), openProjects: () => Promise.resolve() };

it('who opens an account is welcomed, and who invited them is thanked', async () => {
  const added: unknown[][] = [];
  const add = (...given: unknown[]) => String(added.push(given));
  await prepare(accounts, { account: 'ann@example.org', invitedBy: 'ben@example.org' }, { add });
  assert.deepEqual(
    added.map(([, name, payload]) => [name, payload]),
    [
      ['welcome', { to: 'ann@example.org' }],
      ['thanks', { to: 'ben@example.org' }],
    ],
  );
});

it('an account without a name is refused where the event is emitted', async () => {
  const store = await testStore();
  await assert.rejects(accountOpened(accounts).on(store, { logger: null }).emit({ account: '' }), { code: 'HOLDFAST_PAYLOAD_INVALID' });
  await store.close();
});
