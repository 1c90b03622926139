import { expect } from 'chai';
import { MINUTE } from '../../constants/limits';
import { LOOK } from '../../modules/ports/hint';
import { A_WHILE_MS, LIMIT_MS, NOW_MS, watchParts } from './watchParts';

const CHANGE = { operationType: 'update', updateDescription: { updatedFields: { rev: 1 } } };

describe('ChangeWatch', () => {
  it('tells the window of what came in and of what waits again, and nothing of what only changed', () => {
    const { streams, cameIn, again, begin } = watchParts();
    begin();
    const fullDocument = { queue: 'shop\u001fmail', priority: 3, availableAt: new Date(5) };
    streams[0]?.emit('change', { operationType: 'insert', fullDocument });
    streams[0]?.emit('change', { operationType: 'update', updateDescription: { updatedFields: { state: 'waiting', availableAt: new Date(7) } } });
    streams[0]?.emit('change', CHANGE);
    expect([cameIn, again]).to.deep.equal([[fullDocument], [7]]);
  });

  it('names the queue and the time until its task is due, of what came in and of what waits again', async () => {
    const { clock, streams, heard, begin, add } = watchParts();
    begin();
    add(streams[0], 'shop\u001fmail');
    add(streams[0], 'shop\u001fmail', 500);
    const updatedFields = { rev: 4, again: '3 shop\u001fbig mail', availableAt: new Date(NOW_MS + 70) };
    streams[0]?.emit('change', { operationType: 'update', updateDescription: { updatedFields } });
    await clock.settle();
    expect(heard.hints).to.deep.equal([
      { queue: 'mail', dueInMs: 0, isShared: true },
      { queue: 'mail', dueInMs: 500, isShared: true },
      { queue: 'big mail', dueInMs: 70, isShared: true },
    ]);
  });

  it('names nothing where it cannot, so that who waits looks', async () => {
    const { clock, streams, heard, begin, add, time } = watchParts();
    begin();
    streams[0]?.emit('change', CHANGE);
    expect(heard.hints).to.deep.equal([LOOK]);
    time.now = () => Promise.reject(new Error('no server'));
    add(streams[0], 'shop\u001fmail', 500);
    await clock.settle();
    expect(heard.hints[1]).to.deep.equal({ queue: 'mail', dueInMs: 0, isShared: true });
  });

  it('is silent of other namespaces', async () => {
    const { clock, streams, heard, begin, add } = watchParts();
    begin();
    for (const queue of ['mail', 'other\u001fmail']) add(streams[0], queue);
    await clock.settle();
    expect(heard.count).to.equal(0);
  });

  describe('under load', () => {
    /** Reports so many tasks a second, of which this process claims a part. */
    async function load({ clock, streams, watch, add }: ReturnType<typeof watchParts>, perSecond: number, seconds: number, claims = false) {
      for (let n = 0; n < perSecond * seconds; n += 1) {
        await clock.advance(1_000 / perSecond);
        const open = streams.findLast(({ isClosed }) => !isClosed);
        if (open) add(open, 'other\u001fmail');
        if (claims) watch.noteClaimed(1);
      }
    }

    it('closes its stream above twenty changes a second that bring this process nothing, and looks five times a second', async () => {
      const parts = watchParts();
      const { clock, streams, heard, begin } = parts;
      begin();
      await load(parts, 30, 2);
      expect([streams.length, streams[0]?.isClosed, heard.hints.length]).to.be.deep.equal([1, true, 4]);
      await clock.advance(2_000);
      expect([streams.length, heard.hints.length]).to.deep.equal([1, 14]);
      expect(heard.hints.at(-1)).to.deep.equal({ queue: null, dueInMs: 0, isShared: false });
    });

    it('keeps its stream below that, and where this process claims what it is told of', async () => {
      for (const [perSecond, claims] of [
        [19, false],
        [200, true],
      ] as const) {
        const parts = watchParts();
        parts.begin();
        await load(parts, perSecond, 5, claims);
        expect([parts.streams.length, parts.streams[0]?.isClosed]).to.deep.equal([1, false]);
      }
    });

    it('opens another one after five seconds, and keeps it where it is calm', async () => {
      const parts = watchParts();
      const { clock, streams, heard, begin } = parts;
      begin();
      await load(parts, 30, 2);
      await clock.advance(5_000);
      expect([streams.length, streams[1]?.isClosed]).to.deep.equal([2, false]);
      const before = heard.count;
      streams[1]?.emit('resumeTokenChanged');
      expect(heard.count).to.equal(before + 1);
      await clock.advance(60_000);
      expect([streams.length, heard.count]).to.deep.equal([2, before + 1]);
    });

    it('tries less and less often while it is not calm, and at least once a minute', async () => {
      const parts = watchParts();
      parts.begin();
      await load(parts, 25, 300);
      // Closed for 5, 10, 20, 40 and then 60 seconds, each time after a second or so.
      expect(parts.streams).to.have.length(8);
    });

    it('looks no more when nobody waits', async () => {
      const parts = watchParts();
      const end = parts.begin();
      await load(parts, 30, 2);
      end();
      const before = parts.heard.count;
      await parts.clock.advance(60_000);
      expect([parts.heard.count, parts.streams.length, parts.clock.timers]).to.deep.equal([before, 1, 0]);
    });
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

  it('is left where the server does not answer, and looks meanwhile; not where it answers without changes', async () => {
    const { clock, streams, begin, heard } = watchParts();
    begin();
    for (let beats = 0; beats < 5; beats += 1) {
      await clock.advance(LIMIT_MS);
      streams[0]?.emit('resumeTokenChanged', {});
    }
    expect(streams).to.have.length(1);
    const { count } = heard;
    await clock.advance(LIMIT_MS + A_WHILE_MS);
    expect([streams[0]?.isClosed, streams.length]).to.deep.equal([true, 1]);
    expect(heard.count).to.be.above(count);
    await clock.advance(MINUTE);
    expect(streams).to.have.length(2);
  });

  it('is not opened where the client has no connection to spare, and looks instead', async () => {
    const { clock, streams, begin, heard } = watchParts(false);
    begin();
    await clock.advance(A_WHILE_MS);
    expect(streams).to.have.length(0);
    expect(heard.count).to.be.above(1);
  });

  describe('of several stores on one client', () => {
    /** Watches from so many stores, and counts what each is told. */
    function several(count: number) {
      const parts = watchParts();
      const watches = Array.from({ length: count }, () => parts.beside());
      const told = watches.map(() => 0);
      const begin = (at: number) => watches[at]?.watch(() => void (told[at] = (told[at] ?? 0) + 1)) ?? (() => undefined);
      return { ...parts, watches, told, begin };
    }

    it('has one stream, which is closed when the last of them waits no more', async () => {
      const { clock, streams, told, begin } = several(3);
      const ends = [0, 1, 2].map(begin);
      streams[0]?.emit('resumeTokenChanged');
      streams[0]?.emit('change', CHANGE);
      expect([streams.length, told]).to.deep.equal([1, [2, 2, 2]]);
      for (const end of ends.slice(1)) end();
      await clock.advance(A_WHILE_MS);
      streams[0]?.emit('change', CHANGE);
      expect([streams[0]?.isClosed, told]).to.deep.equal([false, [3, 2, 2]]);
      ends[0]?.();
      await clock.advance(A_WHILE_MS);
      expect([streams[0]?.isClosed, streams.length]).to.deep.equal([true, 1]);
    });

    it('tells one that comes later to look, for changes that came before', async () => {
      const { clock, streams, told, begin } = several(2);
      begin(0);
      streams[0]?.emit('resumeTokenChanged');
      begin(1);
      await clock.settle();
      expect([streams.length, told]).to.deep.equal([1, [1, 1]]);
    });

    it('tells all of them after a fault, when another stream is open', async () => {
      const { clock, streams, told, begin, fail } = several(2);
      [0, 1].forEach(begin);
      fail(streams[0]);
      await clock.advance(A_WHILE_MS);
      streams[1]?.emit('resumeTokenChanged');
      expect([streams.length, told]).to.deep.equal([2, [1, 1]]);
    });

    it('goes on for the others when one of them is closed', async () => {
      const { streams, told, begin, watches } = several(2);
      [0, 1].forEach(begin);
      await watches[0]?.close();
      streams[0]?.emit('change', CHANGE);
      expect([streams[0]?.isClosed, told]).to.deep.equal([false, [0, 1]]);
    });
  });
});
