import type { mongo } from 'mongoose';
import type { StoreWarning } from '../ports/database';

const STANDALONE =
  'This MongoDB is a standalone server. What it has acknowledged is on its own disk only, whatever the durability; a session cannot add in a ' +
  'transaction, and idle workers look for tasks, as there is no change stream. A replica set, also of one member, has the last two.';

/**
 * Tells what whoever opens a database should know of it.
 *
 * @param hello the answer of the server to `hello`. One of a replica set names the set, and a router of shards says that it is one.
 * @param unnamed the default database that is used because the URL names none; else null.
 */
export function warningsOf(hello: mongo.Document, unnamed: string | null): StoreWarning[] {
  const isAlone = hello['setName'] === undefined && hello['msg'] !== 'isdbgrid' && hello['serviceId'] === undefined;
  const message = `The URL names no database, so the database ${String(unnamed)} is used. Name it in the URL: mongodb://host/${String(unnamed)}`;
  return [
    ...(isAlone ? [{ warning: 'standalone', message: STANDALONE } as const] : []),
    ...(unnamed === null ? [] : [{ warning: 'default-database', message } as const]),
  ];
}
