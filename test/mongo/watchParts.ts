import { EventEmitter } from 'node:events';
import type { mongo } from 'mongoose';
import { ChangeFeed } from '../../classes/mongo/changeFeed';
import { ChangeWatch } from '../../classes/mongo/changeWatch';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import type { Hint } from '../../modules/ports/hint';
import { namespaceOf } from '../../modules/ports/namespace';
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
export function watchParts(mayStream = true) {
  const clock = new FakeClock();
  const streams: FakeStream[] = [];
  const collection = {
    watch: () => {
      const stream = new FakeStream();
      streams.push(stream);
      return stream;
    },
  } as unknown as mongo.Collection<TaskDocument>;
  const heard = { count: 0, hints: [] as Hint[] };
  const cameIn: unknown[] = [];
  const again: number[] = [];
  const window = { cameIn: (document: unknown) => void cameIn.push(document), waitAgain: (availableMs: number) => void again.push(availableMs) };
  const time = { now: () => Promise.resolve({ earliestMs: NOW_MS, latestMs: NOW_MS + 2 }) };
  const feed = new ChangeFeed({ collection, clock, mayStream: () => mayStream, limitMs: LIMIT_MS });
  const parts = { feed: () => feed, window, namespace: namespaceOf('shop'), time, clock };
  const watch = new ChangeWatch(parts);
  /** Another store on the same client. */
  const beside = () => new ChangeWatch(parts);
  const begin = () =>
    watch.watch((hint) => {
      heard.count += 1;
      heard.hints.push(hint);
    });
  /** Reports the insert of a task, by its queue in the database. */
  const add = (stream: FakeStream | undefined, queue: string, dueInMs = 0): void => {
    stream?.emit('change', { operationType: 'insert', fullDocument: { queue, priority: 5, availableAt: new Date(NOW_MS + dueInMs) } });
  };
  const fail = (stream: FakeStream | undefined, code?: number): void => {
    stream?.endCursor();
    stream?.emit('error', Object.assign(new Error('gone'), { code }));
  };
  return { clock, streams, beside, heard, cameIn, again, watch, begin, fail, add, time };
}

/** The limit of a command: longer than the other waits here. */
export const LIMIT_MS = 600_000;

/** The time of the store. */
export const NOW_MS = 1_000_000;

/** Longer than any wait of a watch. */
export const A_WHILE_MS = 8_000;
