import type { Entry, Told } from './journal';

/** What the journals and the dead letters tell together. */
export interface Verdict {
  readonly sent: number;
  readonly received: number;
  readonly acked: number;
  readonly dead: number;
  /** Messages that were delivered again after the broker had confirmed their acknowledgement. */
  readonly undone: readonly string[];
  /** Deliveries after the first of a message, by what the consumer before had done with it. */
  readonly again: Readonly<Record<string, number>>;
  readonly refused: Readonly<Record<string, number>>;
  /** Ids that the broker confirmed, and that no consumer processed and no dead-letter queue has. */
  readonly lost: readonly string[];
}

/** Compares what was sent with what was processed. It knows the journals and the dead letters alone, not the broker's own counts. */
export function judge(journals: readonly Told[], deadIds: readonly string[]): Verdict {
  const entries = journals.flatMap(({ entries: own }) => own);
  const idsOf = (did: Entry['did']): string[] => entries.flatMap((entry) => (entry.did === did && 'id' in entry ? [entry.id] : []));
  const [sent, got, acked] = [idsOf('sent'), idsOf('got'), idsOf('acked')];
  const processed = new Set([...idsOf('worked'), ...deadIds]);
  return {
    sent: sent.length,
    received: got.length,
    acked: new Set(acked).size,
    dead: deadIds.length,
    undone: undoneIn(entries),
    again: againBy(journals, got),
    refused: tally(entries.flatMap((entry) => (entry.did === 'refused' ? [`${entry.what}: ${entry.status}`] : []))),
    lost: sent.filter((id) => !processed.has(id)),
  };
}

/** A delivery with a higher count than that of a confirmed acknowledgement came after it. */
function undoneIn(entries: readonly Entry[]): string[] {
  const acked = new Map(entries.flatMap((entry) => (entry.did === 'acked' ? [[entry.id, entry.count] as const] : [])));
  return entries.flatMap((entry) => (entry.did === 'got' && entry.count > (acked.get(entry.id) ?? Infinity) ? [entry.id] : []));
}

/** Counts for each message its deliveries but one, by what the journals say of them; a delivery of which they say nothing was cut short by a kill. */
function againBy(journals: readonly Told[], got: readonly string[]): Record<string, number> {
  const why = new Map<string, string[]>();
  for (const { entries } of journals) {
    for (const entry of entries) {
      const says = REASONS[entry.did];
      if (says && 'id' in entry) why.set(entry.id, [...(why.get(entry.id) ?? []), says]);
    }
  }
  const counts = new Map<string, number>();
  for (const id of got) counts.set(id, (counts.get(id) ?? 0) + 1);
  const reasons = [...counts].flatMap(([id, count]) =>
    Array.from({ length: count - 1 }, (_, at) => why.get(id)?.[at] ?? 'its consumer or the broker was killed'),
  );
  return tally(reasons);
}

const REASONS: Partial<Record<Entry['did'], string>> = {
  forgot: 'its consumer forgot to acknowledge it',
  late: 'its consumer was slower than the visibility timeout',
  rejected: 'it is poison, and was released',
};

function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
