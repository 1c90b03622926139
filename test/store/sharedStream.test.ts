import { expect } from 'chai';
import { mongo } from 'mongoose';
import { openStore } from '../../classes/store/openStore';
import type { Store } from '../../classes/store/store';
import { Queue } from '../../classes/queue/queue';
import { eventually } from '../support/eventually';
import { forMongo } from '../support/stores';

const STORES = 10;

forMongo('Stores on one client', (opening) => {
  let client: mongo.MongoClient;
  let stores: Store[];
  let streams: number;
  let told: number[];

  beforeEach(async () => {
    client = await new mongo.MongoClient(opening.url, { monitorCommands: true }).connect();
    streams = 0;
    client.on('commandStarted', ({ commandName, command }) => {
      const [first] = (command as { readonly pipeline?: readonly object[] }).pipeline ?? [];
      if (commandName === 'aggregate' && first && '$changeStream' in first) streams += 1;
    });
    stores = await Promise.all(Array.from({ length: STORES }, () => openStore(client)));
    told = stores.map(() => 0);
  });

  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await client.close();
  });

  const watchAll = (): void => stores.forEach((store, at) => void store.parts.tasks.watch?.(() => void (told[at] = (told[at] ?? 0) + 1)));

  const addElsewhere = async (): Promise<void> => {
    const store = await opening.open();
    await new Queue(store, 'mail').add('welcome', {});
    await store.close();
  };

  it('share one change stream, which stays for the last of them', async () => {
    watchAll();
    await eventually('all are told that it is open', () => told.every((times) => times > 0));
    expect(streams).to.equal(1);
    told.fill(0);
    await addElsewhere();
    await eventually('all are told of a task', () => told.every((times) => times > 0));
    await Promise.all(stores.slice(1).map((store) => store.close()));
    told.fill(0);
    await addElsewhere();
    await eventually('the last one is told of a task', () => (told[0] ?? 0) > 0);
    expect([streams, told.slice(1).every((times) => times === 0)]).to.deep.equal([1, true]);
  });
});
