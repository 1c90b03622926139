import { useState } from 'preact/hooks';
import type { FailureGroup } from '../../api/types';
import { useKeys } from '../../keys/keyboard';
import { useAnswer } from '../../live/useAnswer';
import { Fault, Loading, Nothing } from '../../parts/fault';
import { go, hrefOf } from '../../route/route';
import { plural } from '../../text/numbers';
import { GroupRow } from './groupRow';

type Order = 'count' | 'last';

const sorted = (groups: readonly FailureGroup[], order: Order): FailureGroup[] =>
  [...groups].sort((a, b) => (order === 'count' ? b.count - a.count : Date.parse(b.lastAt) - Date.parse(a.lastAt)) || (a.group < b.group ? -1 : 1));

/** What fails, by cause: each with how often, where, since when, and what can be done about all of it. */
export function FailuresPage({ chosen }: { readonly chosen: string | undefined }) {
  const { data, error, refresh } = useAnswer<{ groups: readonly FailureGroup[] }>('admin/failures', ['tasks', 'failures']);
  const [order, setOrder] = useState<Order>('count');
  const groups = sorted(data?.groups ?? [], order);
  const at = groups.findIndex(({ group }) => group === chosen);
  const move = (by: number): void => {
    const next = groups[Math.max(0, Math.min(groups.length - 1, at + by))];
    if (next) go(hrefOf('failures', [next.group]), true);
  };
  useKeys({ j: () => move(1), k: () => move(-1), Escape: () => go(hrefOf('failures'), true) });
  if (!data) return error ? <Fault error={error} what="The failures cannot be shown" retry={refresh} /> : <Loading />;
  if (groups.length === 0)
    return <Nothing title="Nothing has failed" text="Failures appear here by cause, with the tasks of each, up to ten seconds after they happen." />;
  const sum = groups.reduce((total, { count }) => total + count, 0);
  return (
    <>
      <div class="page-head">
        <h1>
          {plural(sum, 'failure')}, {plural(groups.length, 'cause')}
        </h1>
        <div class="choice" role="group" aria-label="Order">
          <button type="button" class="small" aria-pressed={order === 'count'} onClick={() => setOrder('count')}>
            Most
          </button>
          <button type="button" class="small" aria-pressed={order === 'last'} onClick={() => setOrder('last')}>
            Latest
          </button>
        </div>
      </div>
      <ul class="groups">
        {groups.map((group) => (
          <GroupRow key={group.group} group={group} share={group.count / Math.max(1, sum)} isOpen={group.group === chosen} />
        ))}
      </ul>
    </>
  );
}
