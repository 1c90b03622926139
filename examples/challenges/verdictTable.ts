import Table from 'cli-table3';
import { isSound } from './checker';
import type { Quantiles, Verdict } from './checker';

/** Without lines between the rows, so that the whole table is on one screen. */
const UNRULED = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };

/** Shows a verdict as a table: the figures, and then what must be 0. */
export function tableOf(verdict: Verdict, kills: { readonly worker: number; readonly service: number }): string {
  const table = new Table({ style: { border: [], head: [] }, colAligns: ['left', 'right'], chars: UNRULED });
  const rows: [string, number | string][] = [
    ['challenges', verdict.challenges],
    ...counts(verdict.closedTimes, (times) => `of them closed ${timesText(times)}`),
    ['cancelled', verdict.cancelled],
    ['seconds late, by workflow: p50, p99', pair(verdict.late.onTime)],
    ['seconds late, by producer: p50, p99', pair(verdict.late.produced)],
    ['PUTs received', verdict.putsReceived],
    ['of them repeated', verdict.putsRepeated],
    ['messages', verdict.messages],
    ['mails accepted', verdict.mails],
    ...counts(verdict.mailsEach, (times) => `recipients mailed ${timesText(times)}`),
    ['second mails, each after a kill of its worker', verdict.matched],
    ...counts(verdict.refused, (code) => `recipients refused with ${code}`),
    ['retries', verdict.retries],
    ['dead: unknown recipients', verdict.deadAsExpected],
    ['workers killed', kills.worker],
    ['services killed', kills.service],
    ...Object.entries(verdict.faults).map(([fault, count]): [string, number] => [fault.toUpperCase(), count]),
  ];
  table.push(...rows);
  return table.toString();
}

/** The last line. */
export const conclusion = (verdict: Verdict, folder: string): string =>
  isSound(verdict)
    ? `Every challenge was closed once, unless it was cancelled, and everybody got the mail. The journals are in ${folder}`
    : `NOT AS IT HAS TO BE: ${faultsOf(verdict).join(', ')}. The journals are in ${folder}`;

const faultsOf = ({ faults }: Verdict): string[] => Object.entries(faults).flatMap(([fault, count]) => (count === 0 ? [] : [`${count} ${fault}`]));

const counts = (table: Readonly<Record<number, number>>, title: (number: number) => string): [string, number][] =>
  Object.entries(table).map(([number, count]) => [title(Number(number)), count]);

const timesText = (times: number): string => ['never', 'once', 'twice'][times] ?? `${times} times`;

const pair = ({ p50, p99 }: Quantiles): string => `${p50.toFixed(2)}, ${p99.toFixed(2)}`;
