import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import type { mongo } from 'mongoose';
import { ChangeWatch } from '../../classes/mongo/changeWatch';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { FakeClock } from '../support/fakeClock';

class FakeStream extends EventEmitter {
  isClosed = false;
  closed = false;

  close(): Promise<void> {
    this.isClosed = this.closed = true;
    return Promise.resolve();
  }

  /** Closes the cursor, which the driver reports before its error or before it opens another one. */
  endCursor(): void {
    this.closed = true;
    this.emit('close');
  }
}

/** A watch on fake streams: the test opens them, reports changes and makes them fail. */
function watchParts() {
  const clock = new FakeClock();
  const streams: FakeStream[] = [];
  const collection = {
    watch: () => {
      const stream = new FakeStream();
      streams.push(stream);
      return stream;
    },
  } as unknown as mongo.Collection<TaskDocument>;
  const heard = { count: 0 };
  const cameIn: unknown[] = [];
  const again: number[] = [];
  const window = { cameIn: (document: unknown) => void cameIn.push(document), waitAgain: (availableMs: number) => void again.push(availableMs) };
  const watch = new ChangeWatch(collection, window, clock);
  const begin = () => watch.watch(() => (heard.count += 1));
  const fail = (stream: FakeStream | undefined, code?: number): void => {
    stream?.endCursor();
    stream?.emit('error', Object.assign(new Error('gone'), { code }));
  };
  return { clock, streams, heard, cameIn, again, watch, begin, fail };
}

/** Longer than any wait of a watch. */
const A_WHILE_MS = 8_000;

const CHANGE = { operationType: 'update', updateDescription: { updatedFields: { rev: 1 } } };

describe('ChangeWatch', () => {
  it('tells the window of what came in and of what waits again, and nothing of what only changed', () => {
    const { streams, heard, cameIn, again, begin } = watchParts();
    begin();
    const fullDocument = { queue: 'mail', priority: 3, availableAt: new Date(5) };
    streams[0]?.emit('change', { operationType: 'insert', fullDocument });
    streams[0]?.emit('change', { operationType: 'update', updateDescription: { updatedFields: { state: 'waiting', availableAt: new Date(7) } } });
    streams[0]?.emit('change', CHANGE);
    expect([cameIn, again, heard.count]).to.deep.equal([[fullDocument], [7], 3]);
  });

  it('tells of a stream that is open, and of each change', () => {
    const { streams, heard, begin } = watchParts();
    begin();
    streams[0]?.emit('resumeTokenChanged');
    streams[0]?.emit('change', CHANGE);
    streams[0]?.emit('change', CHANGE);
    expect([streams.length, heard.count]).to.deep.equal([1, 3]);
  });

  it('opens another stream a while after one failed, for whoever still waits, and tells when it is open', async () => {
    const { clock, streams, heard, begin, fail } = watchParts();
    begin();
    fail(streams[0]);
    await clock.advance(500);
    expect([streams.length, streams[0]?.isClosed]).to.deep.equal([1, true]);
    await clock.advance(A_WHILE_MS);
    expect(streams).to.have.length(2);
    streams[1]?.emit('resumeTokenChanged');
    expect(heard.count).to.equal(1);
  });

  it('opens another one a while after one ended without a fault, and none for one that it has closed itself', async () => {
    const { clock, streams, begin } = watchParts();
    const end = begin();
    streams[0]?.endCursor();
    await clock.advance(A_WHILE_MS);
    expect(streams).to.have.length(2);
    end();
    await clock.advance(A_WHILE_MS);
    streams[1]?.emit('close');
    begin();
    expect(streams).to.have.length(3);
    await clock.advance(60_000);
    expect(streams).to.have.length(3);
  });

  it('leaves a stream alone with which the driver itself goes on', async () => {
    const { clock, streams, heard, begin } = watchParts();
    begin();
    streams[0]?.endCursor();
    Object.assign(streams[0] ?? {}, { closed: false });
    await clock.advance(60_000);
    streams[0]?.emit('change', CHANGE);
    expect([streams.length, streams[0]?.isClosed, heard.count]).to.deep.equal([1, false, 1]);
  });

  it('closes a stream again with which the driver went on after it was closed', async () => {
    const { clock, streams, begin, fail } = watchParts();
    begin()();
    await clock.advance(A_WHILE_MS);
    Object.assign(streams[0] ?? {}, { isClosed: false });
    fail(streams[0]);
    expect(streams[0]?.isClosed).to.equal(true);
  });

  it('goes on trying while streams fail', async () => {
    const { clock, streams, begin, fail } = watchParts();
    begin();
    for (let n = 0; n < 3; n += 1) {
      fail(streams[n]);
      await clock.advance(A_WHILE_MS);
    }
    expect(streams).to.have.length(4);
  });

  it('opens none where nobody waits any more, and one at once for who waits later', async () => {
    const { clock, streams, begin, fail } = watchParts();
    const end = begin();
    fail(streams[0]);
    end();
    await clock.advance(60_000);
    expect(streams).to.have.length(1);
    begin();
    expect(streams).to.have.length(2);
  });

  for (const code of [40573, 40324, 115]) {
    it(`never asks again a server that has no change streams: ${code}`, async () => {
      const { clock, streams, begin, fail } = watchParts();
      begin();
      fail(streams[0], code);
      await clock.advance(600_000);
      begin();
      expect(streams).to.have.length(1);
      expect(clock.busyTimers).to.equal(0);
    });
  }

  it('keeps a stream open for a moment after the last has ended its waiting, and tells the next of what came meanwhile', async () => {
    const { clock, streams, heard, begin } = watchParts();
    begin()();
    streams[0]?.emit('change', CHANGE);
    expect(heard.count).to.equal(0);
    const end = begin();
    await clock.settle();
    expect([streams.length, heard.count]).to.deep.equal([1, 1]);
    end();
    await clock.advance(10);
    expect(streams[0]?.isClosed).to.equal(false);
    await clock.advance(A_WHILE_MS);
    expect(streams[0]?.isClosed).to.equal(true);
  });
});
