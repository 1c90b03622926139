import { useState } from 'preact/hooks';
import { change } from '../../actions/change';
import { pathOf } from '../../api/client';
import type { Counted, QueueRow } from '../../api/types';
import { useKeys } from '../../keys/keyboard';
import { serverNow } from '../../live/clock';
import { useCanWrite } from '../../live/session';
import { Nothing } from '../../parts/fault';
import { Sparkline } from '../../parts/sparkline';
import { go, hrefOf, tasksHref } from '../../route/route';
import { quoted } from '../../search/tokens';
import { durationText, relativeText } from '../../text/durations';
import { countText, shortNumber } from '../../text/numbers';
import { Shown } from '../../text/shown';
import { QueueMenu } from './queueMenu';

type Column = 'name' | 'waiting' | 'delayed' | 'running' | 'dead' | 'oldest' | 'rate';

const VALUES: Readonly<Record<Column, (row: QueueRow) => number | string>> = {
  name: ({ name }) => name,
  waiting: ({ counts }) => -counts.waiting,
  delayed: ({ counts }) => -counts.delayed,
  running: ({ counts }) => -counts.running,
  dead: ({ counts }) => -counts.dead,
  oldest: ({ oldestSeconds }) => -(oldestSeconds ?? -1),
  rate: ({ ratePerMinute }) => -ratePerMinute,
};

const HEADS: readonly (readonly [Column, string, string])[] = [
  ['waiting', 'Waiting', 'Due, and not begun'],
  ['delayed', 'Delayed', 'Not due yet'],
  ['running', 'Running', 'Under a lease'],
  ['dead', 'Dead', 'Given up, kept to be retried'],
  ['oldest', 'Oldest', 'How long the first of those that are due has waited'],
  ['rate', 'Rate', 'Finished a minute'],
];

const LABELS: Readonly<Partial<Record<string, string>>> = Object.fromEntries(HEADS.map(([column, label]) => [column, label]));

function sortedBy(queues: readonly QueueRow[], column: Column): QueueRow[] {
  const value = VALUES[column];
  return [...queues].sort((a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : a.name < b.name ? -1 : 1));
}

/** The queues in an order that stays while numbers change, unless it is asked to be by a number. */
export function QueueTable({ queues }: { readonly queues: readonly QueueRow[] }) {
  const [column, setColumn] = useState<Column>('name');
  const [cursor, setCursor] = useState(-1);
  const rows = sortedBy(queues, column);
  const move = (by: number): void => setCursor(Math.max(0, Math.min(rows.length - 1, cursor + by)));
  useKeys({ j: () => move(1), k: () => move(-1), Enter: () => rows[cursor] && go(tasksHref(`queue:${quoted(rows[cursor].name)}`)) });
  if (rows.length === 0) return <Nothing title="There are no queues yet" text="A queue appears here with its first task." />;
  return (
    <section class="card" aria-label="Queues">
      <div class="scroll" tabIndex={0} role="region" aria-label="Table of queues">
        <table class="queues stack">
          <Heads column={column} choose={setColumn} />
          <tbody>
            {rows.map((row, index) => (
              <Row key={row.name} row={row} isCurrent={index === cursor} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Heads({ column, choose }: { readonly column: Column; readonly choose: (column: Column) => void }) {
  const head = (name: Column, text: string, title: string) => (
    <th
      key={name}
      scope="col"
      class={name === 'name' ? '' : 'number'}
      aria-sort={name === column ? (name === 'name' ? 'ascending' : 'descending') : undefined}
    >
      <button type="button" class="sort" title={title} onClick={() => choose(name)}>
        {text}
        <span aria-hidden="true">{name === column ? (name === 'name' ? ' ↑' : ' ↓') : ''}</span>
      </button>
    </th>
  );
  return (
    <thead>
      <tr>
        {head('name', 'Queue', 'By name')}
        {HEADS.map(([name, text, title]) => head(name, text, title))}
        <th scope="col" class="number" title="19 of 20 tasks waited at most as long">
          p95 wait
        </th>
        <th scope="col" class="number" title="19 of 20 handlers ran at most as long">
          p95 run
        </th>
        <th scope="col">Last half hour</th>
        <th scope="col" class="number" title="Processes that serve it">
          Proc.
        </th>
        <th scope="col">
          <span class="for-readers">Actions</span>
        </th>
      </tr>
    </thead>
  );
}

function Row({ row, isCurrent }: { readonly row: QueueRow; readonly isCurrent: boolean }) {
  const { name, isPaused, isBroker, oldestSeconds, ratePerMinute, wait, run, spark } = row;
  return (
    <tr class={isCurrent ? 'current' : ''} aria-current={isCurrent || undefined}>
      <th scope="row">
        <a href={isBroker ? hrefOf('broker', [name]) : tasksHref(`queue:${quoted(name)}`)}>
          <Shown text={name} most={60} />
        </a>{' '}
        {isPaused && <span class="badge badge-warn">❚❚ paused</span>} {isBroker && <span class="badge">broker</span>}
      </th>
      <CountCell row={row} state="waiting" />
      <CountCell row={row} state="delayed" />
      <CountCell row={row} state="running" />
      <CountCell row={row} state="dead" />
      <td class="number" data-label="Oldest">
        {oldestSeconds === null ? <span class="none">–</span> : durationText(oldestSeconds * 1_000)}
      </td>
      <td class="number wide-only">{shortNumber(ratePerMinute)}</td>
      <Time95 ms={wait?.p95} />
      <Time95 ms={run?.p95} />
      <td class="wide-only">
        <Sparkline values={spark} label={`${spark.reduce((sum, value) => sum + value, 0)} finished in the last half hour`} />
      </td>
      <ProcessCell row={row} />
      <td class="actions">
        <PauseButton row={row} />
        <QueueMenu row={row} />
      </td>
    </tr>
  );
}

/** The processes that take its tasks. Messages are received by clients, which are no processes of the store. */
function ProcessCell({ row: { processes, draining, isBroker } }: { readonly row: QueueRow }) {
  const isLacking = processes === 0 && !isBroker;
  const lacking = <a href={hrefOf('processes')}>{draining > 0 ? 'draining' : 'none'}</a>;
  return (
    <td class={`number wide-only ${isLacking ? 'warn' : ''}`}>{isLacking ? lacking : processes > 0 ? processes : <span class="none">–</span>}</td>
  );
}

const Time95 = ({ ms }: { readonly ms: number | null | undefined }) => (
  <td class="number wide-only">{ms === null || ms === undefined ? <span class="none">–</span> : durationText(ms)}</td>
);

/** Counts that are older than this say so on hover. */
const OLD_MS = 5_000;

const countedText = (countedMs: number): string | undefined =>
  serverNow() - countedMs > OLD_MS ? `Counted ${relativeText(countedMs, serverNow())}` : undefined;

function CountCell({ row: { name, isFifo, counts, atLeast, countedAt }, state }: { readonly row: QueueRow; readonly state: Counted }) {
  const count = counts[state];
  const text = countText(count, !atLeast.includes(state));
  return (
    <td class={`number ${state === 'dead' && count > 0 ? 'bad' : ''}`} title={countedText(Date.parse(countedAt))} data-label={LABELS[state]}>
      {count === 0 ? (
        <span class="none">0</span>
      ) : (
        <a href={isFifo ? hrefOf('broker', [name]) : tasksHref(`queue:${quoted(name)} state:${state}`)} aria-label={`${text} ${state} of ${name}`}>
          {text}
        </a>
      )}
    </td>
  );
}

function PauseButton({ row: { name, isPaused } }: { readonly row: QueueRow }) {
  if (!useCanWrite()) return null;
  const word = isPaused ? 'Resume' : 'Pause';
  return (
    <button
      type="button"
      class="small"
      aria-label={`${word} ${name}`}
      onClick={() => void change(`admin/queues/${pathOf(name, word.toLowerCase())}`, `${name} is ${isPaused ? 'resumed' : 'paused'}.`)}
    >
      {word}
    </button>
  );
}
