import type { mongo } from 'mongoose';
import { LIVE_STATES } from '../../constants/states';
import type { MongoKeys } from '../../modules/mongo/mongoKeys';
import { UNIQUE_INDEX } from '../../modules/mongo/mongoSchema';
import { queuesFilter } from '../../modules/mongo/taskFilters';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import type { NewTask } from '../../modules/task/task';
import type { MongoConnection } from './mongoConnection';

/** Returns the ids of the live tasks that have the unique keys of these tasks, in their order, by one query; undefined where there is none. */
export async function liveTwins(tasks: readonly NewTask[], connection: MongoConnection, keys: MongoKeys): Promise<(string | undefined)[]> {
  if (tasks.length === 0) return [];
  const filter = {
    queue: queuesFilter(
      tasks.map(({ queue }) => queue),
      keys,
    ),
    uniqueKey: { $in: [...new Set(tasks.map(({ uniqueKey }) => uniqueKey))] },
    state: { $in: LIVE_STATES },
  } as mongo.Filter<TaskDocument>;
  const options = { projection: { queue: 1, uniqueKey: 1 }, hint: UNIQUE_INDEX, batchSize: tasks.length + 1, maxTimeMS: connection.maxTimeMS };
  const found = await connection.tasks.find(filter, options).toArray();
  const others = new Map(found.map(({ _id, queue, uniqueKey }) => [nameOf(queue, uniqueKey), _id.toString()]));
  return tasks.map(({ queue, uniqueKey }) => others.get(nameOf(keys.inside(queue), uniqueKey)));
}

const nameOf = (queue: string, uniqueKey: string | null | undefined): string => JSON.stringify([queue, uniqueKey]);
