import type { mongo } from 'mongoose';

type Document = mongo.Document;

/** The key by which the collection of tasks may be sharded. */
const KEY = 'queue';

/**
 * Tells what of a command to the collection of tasks a cluster forbids in which it is sharded by the queue: a write to one document that does not
 * say on which shard it is, a changed key, a document without one, and a unique index that does not begin with it.
 *
 * Reads and writes to many documents may leave the key out; they then go to all shards.
 */
export function shardFaults(name: string, command: Document): string[] {
  const check = CHECKS[name];
  return check ? check(command as unknown as Parts).map((fault) => `${name}: ${fault}`) : [];
}

interface Update {
  readonly q: Document;
  readonly u: Document;
  readonly multi?: boolean;
  readonly upsert?: boolean;
}

/** The parts of the commands that are looked at. */
interface Parts {
  readonly documents: readonly Document[];
  readonly updates: readonly Update[];
  readonly deletes: readonly { readonly q: Document; readonly limit: number }[];
  readonly query: Document;
  readonly update: Document;
  readonly indexes: readonly { readonly key: Document | ReadonlyMap<string, unknown>; readonly unique?: boolean }[];
  readonly pipeline: readonly Document[];
}

const CHECKS: Readonly<Record<string, (command: Parts) => string[]>> = {
  insert: ({ documents }) => documents.flatMap((document) => unless(document[KEY] !== undefined, 'a document without the key')),
  update: ({ updates }) => updates.flatMap(updateFaults),
  delete: ({ deletes }) => deletes.flatMap(({ q, limit }) => unless(limit === 0 || namesKey(q), 'one document without the key')),
  findAndModify: ({ query, update }) => updateFaults({ q: query, u: update }),
  createIndexes: ({ indexes }) =>
    indexes.flatMap(({ key, unique }) => unless(!unique || firstOf(key) === KEY, 'a unique index that does not begin with the key')),
  aggregate: ({ pipeline }) => pipeline.flatMap((stage) => unless(!('$out' in stage || '$merge' in stage), 'an aggregation that writes')),
  bulkWrite: () => ['the command for several collections, which nobody checks here'],
};

const firstOf = (key: Document | ReadonlyMap<string, unknown>): string | undefined =>
  (key instanceof Map ? [...key.keys()] : Object.keys(key))[0] as string;

const unless = (isRight: boolean, fault: string): string[] => (isRight ? [] : [fault]);

function updateFaults({ q, u, multi = false, upsert = false }: Update): string[] {
  return [
    ...unless((multi && !upsert) || namesKey(q), 'one document without the key'),
    ...unless(Array.isArray(u) ? u.every(stageKeepsKey) : changeKeepsKey(u, q), 'the key changes'),
  ];
}

/** Tells whether a filter has one value of the key. */
function namesKey(filter: Document): boolean {
  const wanted: unknown = filter[KEY];
  if (wanted === undefined) return ((filter['$and'] ?? []) as Document[]).some(namesKey);
  return typeof wanted !== 'object' || wanted === null || '$eq' in wanted || 'toHexString' in wanted;
}

function stageKeepsKey(stage: Document): boolean {
  const [[name, value] = ['', undefined]] = Object.entries(stage) as [string, unknown][];
  if (name === '$set' || name === '$addFields') return isUntouched(value as Document);
  if (name === '$unset') return ![value].flat().includes(KEY);
  const made = (name === '$replaceRoot' ? (value as Document)['newRoot'] : value) as Document;
  return made[KEY] === `$${KEY}` || made[KEY] === 1;
}

function changeKeepsKey(update: Document, query: Document): boolean {
  const isReplacement = Object.keys(update).every((name) => !name.startsWith('$'));
  return isReplacement
    ? update[KEY] !== undefined && update[KEY] === query[KEY]
    : Object.values(update).every((part) => isUntouched(part as Document));
}

const isUntouched = (part: Document): boolean => Object.keys(part).every((path) => path !== KEY && !path.startsWith(`${KEY}.`));
