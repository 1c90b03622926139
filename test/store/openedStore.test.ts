import { expect } from 'chai';
import { defineEvent } from '../../classes/events/declaredEvent';
import { EventHub } from '../../classes/events/eventHub';
import { Queue } from '../../classes/queue/queue';
import { Scheduler } from '../../classes/schedule/scheduler';
import { openStore } from '../../classes/store/openStore';
import { Worker } from '../../classes/worker/worker';
import { Mail } from '../support/eventParts';
import { codedErrorOf } from '../support/expectations';

const mail = defineEvent({ name: 'mail', schema: Mail, process: () => 0 });

const MADE: readonly (readonly [string, (store: never) => unknown])[] = [
  ['a queue', (store) => new Queue(store, 'mail')],
  ['a worker', (store) => new Worker(store, { queues: ['mail'], handlers: {} })],
  ['a scheduler', (store) => new Scheduler(store)],
  ['a hub', (store) => new EventHub(store, [])],
  ['a hub with an event', (store) => new EventHub(store, [mail])],
  ['an event', (store) => mail.on(store)],
];

describe('What is no opened store', () => {
  it('is named before the name of a queue that was put in its place', () => {
    expect(codedErrorOf(() => new Queue('mail' as never, undefined as never))).to.include({ field: 'store' });
  });

  for (const [what, make] of MADE) {
    it(`is refused at once, with a question for await where it is a promise: by ${what}`, async () => {
      const opening = openStore('sqlite::memory:');
      const error = codedErrorOf(() => make(opening as never));
      expect(error).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'store' });
      expect(error.message).to.include('store must be a Store that openStore has opened (was await forgotten?), got a Promise.');
      await (await opening).close();
      for (const given of [undefined, null, 'sqlite::memory:', {}, { attach: true, insertWithin: true }, openStore]) {
        expect(codedErrorOf(() => make(given as never))).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'store' });
      }
    });
  }
});
