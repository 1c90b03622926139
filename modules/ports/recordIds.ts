import type { Namespace } from './namespace';
import type { RecordKind, RecordRequest } from './recordStore';

/** Returns the id of a record in a database. */
export const recordId = (kind: RecordKind, key: string, { inside }: Namespace): string => inside(`${kind}:${key}`);

/** Returns the key of a record from its id. */
export const recordKeyOf = (id: string, kind: RecordKind, { outside }: Namespace): string => outside(id).slice(kind.length + 1);

/** Comes after every text that begins like it. */
const LAST = '\u{10ffff}';

/** Returns the bounds of the ids of a page, both exclusive: no key is empty, and none holds the last character. */
export function recordRange({ kind, prefix, after }: RecordRequest, namespace: Namespace): readonly [from: string, to: string] {
  const from = after === undefined || after < prefix ? prefix : after;
  return [recordId(kind, from, namespace), recordId(kind, prefix + LAST, namespace)];
}
