import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '../../../modules/ports/database';
import { isLongRun } from '../../support/hooks';
import { forMongo, forSqlite } from '../../support/stores';
import { MovedClock } from './movedClock';
import { demand, runModel, trialOf } from './runModel';

forSqlite('any commands', (opening) => {
  it('do what the specification says', async function () {
    this.timeout(0);
    const clock = new MovedClock();
    const database = await opening.database({ clock }, { durability: 'relaxed' });
    demand(
      await runModel(
        () => database,
        () => clock,
        trialOf(isLongRun ? 150 : 75),
      ),
      'on SQLite',
    );
  });
});

forMongo('any commands', (opening) => {
  let database: Database;
  let offsetMs: number;

  beforeEach(async () => {
    database = await opening.database();
    const { localTime } = (await opening.db().command({ hello: 1 })) as { localTime: Date };
    offsetMs = localTime.getTime() - Date.now();
  });

  it('do what the specification says', async function () {
    this.timeout(0);
    const clock = { isExact: false, now: () => Date.now() + offsetMs, pass: (ms: number) => wait(ms) };
    demand(
      await runModel(
        () => database,
        () => clock,
        trialOf(25),
      ),
      'on MongoDB',
    );
  });
});
