import { SQS_ENTRIES } from '../../constants/sqsLimits';
import { SqsFault, sqsFaultOf } from './sqsFault';

const ID = /^[A-Za-z0-9_-]{1,80}$/;

/** An entry of a batch, whose Id is known to be one. */
export type Named<Entry> = Omit<Entry, 'Id'> & { readonly Id: string };

/** The answer for an entry that could not be carried out. */
export interface FailedEntry {
  readonly Id: string;
  readonly SenderFault: boolean;
  readonly Code: string;
  readonly Message: string;
}

/**
 * Checks the entries of a batch as a whole.
 *
 * @param kind the name of an entry, for the text of a fault.
 * @throws SqsFault
 */
export function checkBatch<Entry extends { readonly Id?: string | undefined }>(
  entries: readonly Entry[] | undefined,
  kind: string,
): readonly Named<Entry>[] {
  if (!entries || entries.length === 0) throw new SqsFault('EmptyBatchRequest', `There should be at least one ${kind} in the request.`);
  for (const { Id } of entries) checkId(Id);
  refuseRepeated(entries);
  if (entries.length > SQS_ENTRIES)
    throw new SqsFault('TooManyEntriesInBatchRequest', `Maximum number of entries per request are ${SQS_ENTRIES}. You have sent ${entries.length}.`);
  return entries as unknown as readonly Named<Entry>[];
}

function checkId(id: string | undefined): void {
  if (ID.test(id ?? '')) return;
  throw new SqsFault(
    'InvalidBatchEntryId',
    'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
  );
}

function refuseRepeated(entries: readonly { readonly Id?: string | undefined }[]): void {
  const seen = new Set<string | undefined>();
  for (const { Id } of entries) {
    if (seen.has(Id)) throw new SqsFault('BatchEntryIdsNotDistinct', `Id ${Id} repeated.`);
    seen.add(Id);
  }
}

/** Describes what is wrong with one entry; undefined for a bug. */
export function failedEntry(id: string, error: unknown): FailedEntry | undefined {
  const fault = sqsFaultOf(error);
  return fault && { Id: id, SenderFault: fault.row.status < 500, Code: fault.row.code, Message: fault.message };
}
