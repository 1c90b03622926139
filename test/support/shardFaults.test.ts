import { expect } from 'chai';
import { shardFaults } from './shardFaults';

const update = (q: object, u: object, rest: object = {}): [string, object] => ['update', { updates: [{ q, u, ...rest }] }];

const SET = { $set: { state: 'waiting' } };

describe('the monitor of shards', () => {
  const refused: Readonly<Record<string, [name: string, command: object]>> = {
    'an update of one document by its id': update({ _id: 1 }, SET),
    'an update of one document of several queues': update({ _id: 1, queue: { $in: ['a', 'b'] } }, SET),
    'an upsert by the id': update({ _id: 1 }, SET, { upsert: true }),
    'an upsert of many': update({ queue: { $ne: '' } }, SET, { upsert: true, multi: true }),
    'a change of the queue': update({ _id: 1, queue: 'a' }, { $set: { queue: 'b' } }),
    'a change of many queues': update({ queue: 'a' }, { $set: { queue: 'b' } }, { multi: true }),
    'a change of the queue in a pipeline': update({ queue: 'a' }, [{ $set: { queue: { $literal: 'b' } } }], { multi: true }),
    'a queue that is taken away': update({ queue: 'a' }, { $unset: { queue: '' } }, { multi: true }),
    'a queue that is taken away in a pipeline': update({ queue: 'a' }, [{ $unset: ['name', 'queue'] }], { multi: true }),
    'a document that is made anew without its queue': update({ queue: 'a' }, [{ $replaceWith: { _id: '$_id' } }], { multi: true }),
    'a replacement without a queue': update({ _id: 1, queue: 'a' }, { name: 'n' }),
    'a removal of one document by its id': ['delete', { deletes: [{ q: { _id: 1 }, limit: 1 }] }],
    'a claim without a queue': ['findAndModify', { query: { state: 'waiting' }, update: SET }],
    'an insert without a queue': ['insert', { documents: [{ _id: 1, queue: 'a' }, { _id: 2 }] }],
    'a unique index of its own': ['createIndexes', { indexes: [{ key: { uniqueKey: 1, queue: 1 }, unique: true }] }],
    'an aggregation that writes': ['aggregate', { pipeline: [{ $match: {} }, { $merge: 'tasks' }] }],
  };
  for (const [what, [name, command]] of Object.entries(refused)) {
    it(`refuses ${what}`, () => expect(shardFaults(name, command)).to.have.lengthOf(1));
  }

  const allowed: Readonly<Record<string, [name: string, command: object]>> = {
    'an update of one document of a queue': update({ _id: 1, queue: 'a' }, SET),
    'an upsert in a queue': update({ _id: 1, queue: { $eq: 'a' } }, { $setOnInsert: { name: 'n' } }, { upsert: true }),
    'an update of many documents of several queues': update({ _id: { $in: [1, 2] }, queue: { $in: ['a', 'b'] } }, [SET], { multi: true }),
    'a document that is made anew with its queue': update({ queue: 'a' }, [{ $replaceWith: { _id: '$_id', queue: '$queue' } }], { multi: true }),
    'a removal of many': ['delete', { deletes: [{ q: { _id: { $in: [1] } }, limit: 0 }] }],
    'a claim of a queue': ['findAndModify', { query: { queue: 'a', state: 'waiting' }, update: [SET] }],
    'an insert with queues': ['insert', { documents: [{ _id: 1, queue: 'a' }] }],
    'a unique index that begins with the queue': ['createIndexes', { indexes: [{ key: { queue: 1, uniqueKey: 1 }, unique: true }] }],
    'a read of all queues': ['find', { filter: { state: 'running' } }],
  };
  for (const [what, [name, command]] of Object.entries(allowed)) {
    it(`lets ${what} pass`, () => expect(shardFaults(name, command)).to.deep.equal([]));
  }
});
