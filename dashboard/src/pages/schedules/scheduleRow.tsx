import { change } from '../../actions/change';
import { pathOf } from '../../api/client';
import type { Schedule } from '../../api/types';
import { useCanWrite } from '../../live/session';
import { confirmed } from '../../parts/confirm';
import { StateMark } from '../../parts/stateMark';
import { taskHref } from '../../route/route';
import { durationText } from '../../text/durations';
import { Shown } from '../../text/shown';
import { Time } from '../../text/time';
import { openNext } from './nextTimes';

export function ScheduleRow({ schedule }: { readonly schedule: Schedule }) {
  const { id, queue, name, paused, declared, nextAt, lastAt, lastTaskId, lastOutcome } = schedule;
  return (
    <tr>
      <th scope="row">
        <Shown text={id} most={60} /> {paused && <span class="badge badge-warn">❚❚ paused</span>} {declared && <span class="badge">in code</span>}
      </th>
      <td class="half" data-label="When">
        <When schedule={schedule} />
      </td>
      <td class="half" data-label="Adds">
        <Shown text={name} most={40} />{' '}
        <span class="none">
          in <Shown text={queue} most={40} />
        </span>
      </td>
      <td class="number" data-label="Next">
        <Time at={nextAt} />
      </td>
      <td class="number" data-label="Last">
        {lastTaskId ? (
          <a href={taskHref(queue, lastTaskId)}>
            <Time at={lastAt} />
          </a>
        ) : (
          <Time at={lastAt} />
        )}
      </td>
      <td data-label="Last outcome">
        {lastOutcome ? <Outcome outcome={lastOutcome.state} /> : <span class="none">{lastAt ? 'not ended yet' : '–'}</span>}
      </td>
      <td class="actions">
        <Actions schedule={schedule} />
      </td>
    </tr>
  );
}

const Outcome = ({ outcome }: { readonly outcome: string }) =>
  outcome === 'succeeded' || outcome === 'dead' || outcome === 'cancelled' ? <StateMark state={outcome} /> : <Shown text={outcome} />;

function When({ schedule: { cron, timeZone, everyMs, at } }: { readonly schedule: Schedule }) {
  if (cron !== undefined) {
    return (
      <>
        <code>
          <Shown text={cron} most={80} />
        </code>{' '}
        <span class="none">{timeZone}</span>
      </>
    );
  }
  return everyMs === undefined ? <Time at={at} isExact /> : <>every {durationText(everyMs)}</>;
}

function Actions({ schedule: { id, paused, declared } }: { readonly schedule: Schedule }) {
  const canWrite = useCanWrite();
  const send = (action: string, done: string): void => void change(`admin/schedules/${pathOf(id, action)}`, done);
  const remove = async (): Promise<void> => {
    const question = {
      title: `Remove the schedule ${id}?`,
      text: 'It adds no more tasks. Those that it added stay.',
      act: 'Remove',
      isDangerous: true,
    };
    if (await confirmed(question)) await change(`admin/schedules/${pathOf(id)}`, `The schedule ${id} is removed.`, undefined, 'DELETE');
  };
  return (
    <>
      <button type="button" class="small" onClick={() => openNext(id)} aria-label={`Next 10 times of ${id}`}>
        Next 10
      </button>
      {canWrite && (
        <>
          <button type="button" class="small" onClick={() => send('run-now', `${id} has added its task.`)} aria-label={`Run now: ${id}`}>
            Run now
          </button>
          <button
            type="button"
            class="small"
            onClick={() => send(paused ? 'resume' : 'pause', `${id} is ${paused ? 'resumed' : 'paused'}.`)}
            aria-label={`${paused ? 'Resume' : 'Pause'} ${id}`}
          >
            {paused ? 'Resume' : 'Pause'}
          </button>
          {!declared && (
            <button type="button" class="small" onClick={() => void remove()} aria-label={`Remove ${id}`}>
              Remove
            </button>
          )}
        </>
      )}
    </>
  );
}
