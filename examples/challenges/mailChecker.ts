import type { Entry } from './journal';
import { NOBODY } from './smtpSink';

/** What became of the mails. */
export interface MailVerdict {
  /** Mails that the server accepted. */
  readonly mails: number;
  /** Recipients of messages, by how many mails each of them was accepted for one message. */
  readonly mailsEach: Readonly<Record<number, number>>;
  /** Recipients that the server refused, by the code of its answer. */
  readonly refused: Readonly<Record<number, number>>;
  /** Second mails whose first one was accepted from a worker that was killed after it. */
  readonly matched: number;
  readonly unmatched: number;
  readonly missing: number;
  readonly unwanted: number;
}

type Accepted = Extract<Entry, { readonly did: 'accepted' }>;

/** Compares the journal of the mail server with the mails that had to come. */
export function judgeMails(entries: readonly Entry[], expected: readonly { readonly to: string; readonly messageId: string }[]): MailVerdict {
  const accepted = entries.filter((entry) => entry.did === 'accepted').sort((one, other) => one.at - other.at);
  const kills = entries.flatMap((entry) => (entry.did === 'killed' ? [entry] : []));
  const wanted = new Set(expected.filter(({ to }) => !to.startsWith(NOBODY)).map(({ to, messageId }) => `${to} ${messageId}`));
  const groups = new Map<string, Accepted[]>();
  for (const mail of accepted) groups.set(keyOf(mail), [...(groups.get(keyOf(mail)) ?? []), mail]);
  const repeats = [...groups.values()].flatMap((mails) => mails.slice(1).map((mail, index) => [mails[index] as Accepted, mail] as const));
  const matched = repeats.filter(([first, second]) => kills.some(({ name, at }) => name === first.from && first.at <= at && at <= second.at)).length;
  return {
    mails: accepted.length,
    mailsEach: countBy([...wanted].map((key) => groups.get(key)?.length ?? 0)),
    refused: countBy(entries.flatMap((entry) => (entry.did === 'refused' ? [entry.code] : []))),
    matched,
    unmatched: repeats.length - matched,
    missing: [...wanted].filter((key) => !groups.has(key)).length,
    unwanted: [...groups.keys()].filter((key) => !wanted.has(key)).length,
  };
}

const keyOf = ({ to, about }: Accepted): string => `${to} ${about}`;

export function countBy(values: readonly number[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
