import { expect } from 'chai';
import type { mongo } from 'mongoose';
import { limited } from '../../classes/mongo/limited';
import { MongoClock } from '../../classes/mongo/mongoClock';
import { systemClock } from '../../modules/time/clock';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { storeErrorOf } from '../../modules/mongo/mongoErrors';
import { refusalOf } from '../support/eventually';

const NEVER = new Promise<never>(() => undefined);

describe('The clock of a server', () => {
  it('is asked for again where an answer never came', async () => {
    const answers: Promise<mongo.Document>[] = [NEVER, Promise.resolve({ localTime: new Date(5_000) })];
    const clock = new MongoClock({ command: () => limited(() => answers.shift() ?? NEVER, 'hello', 20, systemClock) }, systemClock);
    const waiting = [refusalOf(() => clock.now()), refusalOf(() => clock.now())];
    for (const error of await Promise.all(waiting)) expect(error).to.include({ code: 'HOLDFAST_STORE_TIMEOUT', field: 'hello' });
    expect((await clock.now()).latestMs).to.be.at.least(5_000);
  });
});

describe('An error of the catalogue', () => {
  it('stays as it is, whatever its cause', () => {
    const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    const closed = new HoldfastError('HOLDFAST_STORE_CLOSED', { cause });
    expect(storeErrorOf(closed)).to.equal(closed);
  });
});
