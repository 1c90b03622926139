import type { ComponentChildren } from 'preact';
import type { TaskDetail } from '../../api/types';
import { hrefOf } from '../../route/route';
import { durationText } from '../../text/durations';
import { Shown } from '../../text/shown';
import { Time } from '../../text/time';

type Fact = readonly [string, ComponentChildren];

/** The options and times of a task. */
export function Facts({ task }: { readonly task: TaskDetail }) {
  const facts = [...placesOf(task), ...timesOf(task), ...settingsOf(task)];
  return (
    <section class="card">
      <h2>Facts</h2>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function placesOf({ workerId, priority, failures, maxRetries, attempt, uniqueKey }: TaskDetail): Fact[] {
  return [
    ...(workerId
      ? [
          [
            'worker',
            <a href={hrefOf('processes', [], { worker: workerId })}>
              <Shown text={workerId} most={80} />
            </a>,
          ] as Fact,
        ]
      : []),
    ['failures', <span class="number">{`${failures} of ${maxRetries}`}</span>],
    ['attempts', <span class="number">{attempt}</span>],
    ['priority', <span class="number">{priority}</span>],
    ...(uniqueKey === null ? [] : [['unique key', <Shown text={uniqueKey} />] as Fact]),
  ];
}

function timesOf({ createdAt, availableAt, finishedAt, deadline, state }: TaskDetail): Fact[] {
  const both = (at: string) => (
    <>
      <Time at={at} isExact />{' '}
      <span class="none">
        <Time at={at} />
      </span>
    </>
  );
  return [
    ['added', both(createdAt)],
    ...(state === 'waiting' ? [['due', both(availableAt)] as Fact] : []),
    ...(finishedAt ? [['ended', both(finishedAt)] as Fact] : []),
    ...(deadline ? [['deadline', both(deadline)] as Fact] : []),
  ];
}

/** Options whose names end in Ms are lengths of time. */
const settingsOf = ({ settings }: TaskDetail): Fact[] =>
  Object.entries(settings ?? {})
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => [
      name.replace(/Ms$/, ''),
      name.endsWith('Ms') && typeof value === 'number' ? durationText(value) : <Shown text={textOf(value)} />,
    ]);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
