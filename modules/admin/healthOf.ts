import { MINUTE, SECOND } from '../../constants/limits';
import { quoted } from '../roster/explanation';
import type { HealthLine, MinuteRow, QueueRow } from './adminTypes';

/** Age of the oldest due task from which it is worth a line. */
const OLD_SECONDS = 60;
const VERY_OLD_SECONDS = 15 * 60;

/** Attempts of ten minutes from which a share of failures says something, and that share. */
const ENOUGH_ATTEMPTS = 20;
const MANY_FAIL = 0.25;

/** Age of a picture at which the store counts as away. */
const AWAY_MS = 10 * SECOND;

/** Numbers as people read them. A format for each number takes a tenth of a millisecond to make. */
const COUNT_FORMAT = new Intl.NumberFormat('en');

/** What health is judged by. */
export interface Signs {
  readonly queues: readonly QueueRow[];
  readonly minutes: readonly MinuteRow[];
  /** Age of the picture in milliseconds. */
  readonly ageMs: number;
}

interface Line extends HealthLine {
  /** How much it weighs among lines of its level. */
  readonly weight: number;
}

const LEVELS = ['bad', 'warn', 'ok'] as const;

/** Says what is wrong, the worst first. */
export function healthOf(signs: Signs): HealthLine[] {
  const { queues, minutes, ageMs } = signs;
  const found = [...awayLine(ageMs), ...queues.flatMap(linesOf), ...failuresLine(minutes)];
  if (found.length === 0) return [{ level: 'ok', code: 'all_well', text: 'Nothing is wrong.', link: null }];
  return found
    .sort((one, other) => LEVELS.indexOf(one.level) - LEVELS.indexOf(other.level) || other.weight - one.weight)
    .map(({ weight: _weight, ...line }) => line);
}

function awayLine(ageMs: number): Line[] {
  if (ageMs < AWAY_MS) return [];
  const text = `The store does not answer. This picture is ${timeText(ageMs / SECOND)} old.`;
  return [{ level: 'bad', code: 'store_away', text, link: null, weight: Infinity }];
}

function linesOf(row: QueueRow): Line[] {
  return [...waitingLine(row), ...deadLine(row)];
}

/** Of what a queue with waiting tasks lacks, the first that explains the others. Messages are received by clients, which are no processes of the store. */
function waitingLine(row: QueueRow): Line[] {
  const { counts, isPaused, isBroker, oldestSeconds, processes } = row;
  if (counts.waiting === 0) return [];
  const many = counted(row, 'waiting');
  const verb = counts.waiting === 1 ? 'waits' : 'wait';
  const name = quoted(row.name);
  const link = linkTo(row, 'waiting');
  const weight = counts.waiting;
  if (isPaused) return [{ level: 'warn', code: 'queue_paused', text: `${name} is paused, and ${many} ${verb}.`, link, weight }];
  if (processes === 0 && !isBroker)
    return [{ level: 'bad', code: 'queue_unserved', text: `${unservedText(row)}, in which ${many} ${verb}.`, link, weight }];
  if (oldestSeconds === null || oldestSeconds < OLD_SECONDS) return [];
  const text = `The oldest task of ${name} has waited for ${timeText(oldestSeconds)}.`;
  return [{ level: oldestSeconds >= VERY_OLD_SECONDS ? 'bad' : 'warn', code: 'queue_slow', text, link, weight: oldestSeconds }];
}

/** A queue whose processes all drain is served by none that takes its tasks. */
const unservedText = ({ name, draining }: QueueRow): string =>
  draining === 0 ? `No live process serves ${quoted(name)}` : `All processes that serve ${quoted(name)} are draining`;

function deadLine(row: QueueRow): Line[] {
  const { name, counts } = row;
  if (counts.dead === 0) return [];
  const text = `${counted(row, 'dead')} of ${quoted(name)} ${counts.dead === 1 ? 'is' : 'are'} dead: given up after failures.`;
  return [{ level: 'warn', code: 'tasks_dead', text, link: linkTo(row, 'dead'), weight: counts.dead }];
}

/** Failures of the last ten minutes, if they are many and a larger share than in the time before. */
function failuresLine(minutes: readonly MinuteRow[]): Line[] {
  const [late, early] = [shareOf(minutes.slice(-10)), shareOf(minutes.slice(0, -10))];
  if (late.attempts < ENOUGH_ATTEMPTS || late.share < MANY_FAIL || (early.attempts > 0 && late.share < 1.5 * early.share)) return [];
  const text = `${Math.round(100 * late.share)} % of the attempts of the last ten minutes failed.`;
  return [{ level: 'warn', code: 'failures_rising', text, link: 'failures', weight: Infinity }];
}

function shareOf(minutes: readonly MinuteRow[]): { readonly attempts: number; readonly share: number } {
  const failed = minutes.reduce((sum, minute) => sum + minute.failed, 0);
  const attempts = minutes.reduce((sum, minute) => sum + minute.succeeded, failed);
  return { attempts, share: attempts === 0 ? 0 : failed / attempts };
}

function counted({ counts, atLeast }: QueueRow, key: 'waiting' | 'dead'): string {
  const number = COUNT_FORMAT.format(counts[key]);
  return `${atLeast.includes(key) ? 'more than ' : ''}${number} ${counts[key] === 1 ? 'task' : 'tasks'}`;
}

/** A search of the page for tasks of a queue in a state. */
const linkTo = ({ name, isFifo }: QueueRow, state: string): string =>
  isFifo
    ? `broker/${encodeURIComponent(name)}`
    : `tasks?${new URLSearchParams({ q: `queue:${/^[\w.:-]+$/.test(name) ? name : JSON.stringify(name)} state:${state}` }).toString()}`;

/** A time in words, rounded to its largest unit. */
export function timeText(seconds: number): string {
  const [count, unit] =
    seconds < 2 * 60
      ? [seconds, 'second']
      : seconds < 2 * 3_600
        ? [(seconds * SECOND) / MINUTE, 'minute']
        : seconds < 2 * 86_400
          ? [seconds / 3_600, 'hour']
          : [seconds / 86_400, 'day'];
  const whole = Math.round(count);
  return `${whole} ${unit}${whole === 1 ? '' : 's'}`;
}
