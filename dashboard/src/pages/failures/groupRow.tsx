import { actOnAll } from '../../actions/batches';
import { get, toldOf, withQuery } from '../../api/client';
import type { Count, FailureGroup } from '../../api/types';
import { useCanWrite } from '../../live/session';
import { serverNow } from '../../live/clock';
import { say } from '../../parts/notices';
import { Sparkline } from '../../parts/sparkline';
import { hrefOf, taskHref, tasksHref } from '../../route/route';
import { quoted } from '../../search/tokens';
import { wholeNumber } from '../../text/numbers';
import { Shown } from '../../text/shown';
import { Time } from '../../text/time';
import { GroupChart } from './groupChart';
import { recentCounts } from './recentCounts';

const HOUR_MS = 3_600_000;

/** The dead tasks of a group: those that nobody tries again by itself. */
const deadOf = (group: string): string => `state:dead group:${quoted(group)}`;

interface Group {
  readonly group: FailureGroup;
  readonly share: number;
  readonly isOpen: boolean;
}

export function GroupRow({ group: one, share, isOpen }: Group) {
  const { group, count, name, message, code, at, lastAt } = one;
  return (
    <li class={`card group ${isOpen ? 'group-open' : ''}`}>
      <div class="group-head">
        <div class="group-count">
          <b class="number">{wholeNumber(count)}</b>
          <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
            <rect width="100" height="4" class="run-ground" />
            <rect width={Math.max(1, share * 100)} height="4" class="group-part" />
          </svg>
        </div>
        <a class="group-what" href={isOpen ? hrefOf('failures') : hrefOf('failures', [group])} aria-expanded={isOpen}>
          <b>
            <Shown text={name} most={60} />
            {code && (
              <span class="none">
                {' '}
                <Shown text={code} most={40} />
              </span>
            )}
          </b>
          <span class="group-message">
            <Shown text={message} most={isOpen ? 2_000 : 200} />
          </span>
          <span class="group-where none">
            <Shown text={[placesOf(one), at].filter(Boolean).join(' · ')} most={160} />
          </span>
        </a>
        <span class="group-when none">
          <Sparkline values={recentCounts(one, serverNow(), HOUR_MS).counts} label="Failures in the last day, by hour" />
          last <Time at={lastAt} />
        </span>
        <GroupActions group={group} />
      </div>
      {isOpen && <GroupDetail group={one} />}
    </li>
  );
}

const placesOf = ({ names }: FailureGroup): string =>
  names
    .slice(0, 3)
    .map(({ queue, name }) => `${queue} / ${name}`)
    .join(', ') + (names.length > 3 ? ', …' : '');

function GroupActions({ group }: { readonly group: string }) {
  const canWrite = useCanWrite();
  const run = async (action: 'retry' | 'remove'): Promise<void> => {
    try {
      const count = await get<Count>(withQuery('admin/tasks/count', { q: deadOf(group) }));
      if (count.count === 0) say('bad', 'No task of this cause is dead now.');
      else await actOnAll(action, deadOf(group), count);
    } catch (error) {
      say('bad', toldOf(error));
    }
  };
  return (
    <div class="group-actions">
      <a class="button small" href={tasksHref(`group:${quoted(group)}`)}>
        Tasks
      </a>
      {canWrite && (
        <>
          <button type="button" class="small" title="Run its dead tasks again" onClick={() => void run('retry')}>
            Retry
          </button>
          <button type="button" class="small" title="Remove its dead tasks" onClick={() => void run('remove')}>
            Discard
          </button>
        </>
      )}
    </div>
  );
}

function GroupDetail({ group: one }: { readonly group: FailureGroup }) {
  const { names, firstAt, sample } = one;
  return (
    <div class="group-detail">
      <GroupChart group={one} />
      <dl class="facts">
        <div>
          <dt>first seen</dt>
          <dd>
            <Time at={firstAt} />
          </dd>
        </div>
        <div>
          <dt>an example</dt>
          <dd>
            <a href={taskHref(sample.queue, sample.id)}>
              <Shown text={`${sample.name} ${sample.id}`} most={120} />
            </a>
          </dd>
        </div>
        {names.map(({ queue, name, count }) => (
          <div key={`${queue} ${name}`}>
            <dt class="number">{wholeNumber(count)}</dt>
            <dd>
              <a href={tasksHref(`group:${quoted(one.group)} queue:${quoted(queue)} name:${quoted(name)}`)}>
                <Shown text={`${queue} / ${name}`} most={120} />
              </a>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
