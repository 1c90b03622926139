import type { TaskAnswer, TaskDetail } from '../../api/types';
import { serverNow } from '../../live/clock';
import { Shown } from '../../text/shown';
import { Time } from '../../text/time';
import { AttemptView } from './attemptView';
import { attemptsOf } from './timelineOf';
import { Steps } from './steps';

/** What happened to a task, the latest first. */
export function Timeline({ answer }: { readonly answer: TaskAnswer }) {
  const attempts = attemptsOf(answer);
  const longest = Math.max(1, ...attempts.map(({ durationMs }) => durationMs ?? 0));
  const { task } = answer;
  const isCut = attempts.length < task.attempt && (attempts.at(-1)?.attempt ?? 0) > 1;
  return (
    <section class="card" aria-label="Timeline">
      <h2>Timeline</h2>
      <ol class="timeline">
        <Now task={task} />
        {attempts.map((entry) => (
          <AttemptView key={`${entry.attempt} ${entry.ending}`} entry={entry} longest={longest} />
        ))}
        {isCut && <li class="event none">earlier attempts are not kept</li>}
        <li class="event event-added">
          <span class="dot" aria-hidden="true">
            +
          </span>
          <p>
            <b>added</b> <Time at={task.createdAt} />
          </p>
        </li>
      </ol>
      <Steps steps={answer.steps} />
    </section>
  );
}

/** What it waits for, or how it ended. */
function Now({ task }: { readonly task: TaskDetail }) {
  const { state, availableAt, finishedAt, sleeps } = task;
  if (state === 'running') return null;
  return (
    <li class={`event event-${state}`}>
      <span class="dot" aria-hidden="true">
        {state === 'waiting' ? '○' : state === 'dead' ? '✕' : state === 'cancelled' ? '⊘' : '✓'}
      </span>
      <p>
        {state !== 'waiting' && (
          <>
            <b>{state}</b> <Time at={finishedAt} />
          </>
        )}
        {state === 'waiting' && sleeps && (
          <>
            <b>{sleeps.kind === 'signal' ? 'waits for the signal' : 'sleeps'}</b> <Shown text={sleeps.name} most={80} />{' '}
            {sleeps.until ? <Time at={sleeps.until} /> : 'without a time limit'}
          </>
        )}
        {state === 'waiting' && !sleeps && (
          <>
            <b>{Date.parse(availableAt) > serverNow() ? 'due' : 'waits since'}</b> <Time at={availableAt} />
          </>
        )}
      </p>
    </li>
  );
}
