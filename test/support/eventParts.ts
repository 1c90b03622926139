import { setTimeout as wait } from 'node:timers/promises';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { Type } from 'typebox';
import { EventHub } from '../../classes/events/eventHub';
import type { AnyEvent, HubArguments } from '../../classes/events/eventHub';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import type { TaskState } from '../../constants/states';
import type { LogRecord } from '../../modules/observe/logRecord';
import { eventually } from './eventually';

/** A text that occurs only in payloads. */
export const CARD = '4000056655665556';

export const Mail = Type.Object({ to: Type.String({ minLength: 1 }) });

/** A logger that keeps its records. */
export function makeLog(): { readonly records: LogRecord[]; readonly logger: NonNullable<HubArguments['logger']>; of(event: string): LogRecord[] } {
  const records: LogRecord[] = [];
  const log = (record: unknown): void => void records.push(record as LogRecord);
  return { records, logger: { log }, of: (event) => records.filter((record) => record.event === event) };
}

/** A Standard Schema that trims a name and answers late. */
export const trimmed: StandardSchemaV1<{ name: string }, { name: string; length: number }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: async (value) => {
      await wait(1);
      const { name } = (value ?? {}) as { name?: unknown };
      if (typeof name !== 'string')
        return {
          issues: [
            { message: `got ${String(name)}`, path: ['name'] },
            { message: 'secret', path: [{ key: 'a b' }, 0] },
          ],
        };
      return { value: { name: name.trim(), length: name.trim().length } };
    },
  },
};

/** Starts a hub for events on a store, with a log that keeps its records. */
export async function begin(store: Store, events: readonly AnyEvent[], log = makeLog()): Promise<EventHub> {
  const hub = new EventHub(store, events, { signals: false, logger: log.logger });
  await hub.start();
  return hub;
}

/** Waits until a queue has a task in this final state. */
export const finished = (store: Store, queue: string, state: TaskState = 'succeeded'): Promise<true> =>
  eventually(`a task of ${queue} that is ${state}`, async () => (await new Queue(store, queue).counts())[state] > 0);
