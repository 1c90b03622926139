import { actOnAll } from '../../actions/batches';
import { act, ACTIONS } from '../../actions/taskActions';
import type { TaskAction } from '../../actions/taskActions';
import type { Count, TaskSummary } from '../../api/types';
import { useCanWrite } from '../../live/session';
import { countText, plural } from '../../text/numbers';
import type { Selection } from './useSelection';
import type { SteadyRows } from './useSteadyRows';

interface Tools {
  readonly steady: SteadyRows;
  readonly selection: Selection;
  readonly search: string;
  readonly count: Count | undefined;
  readonly chosen: readonly TaskSummary[];
  /** Whether the rows are those of another search. */
  readonly isOld: boolean;
}

/** The line above a list: how many match, what is selected, and what can be done with it. It has the same height in each case. */
export function ListTools({ steady, selection, search, count, chosen, isOld }: Tools) {
  const size = isOld ? 0 : selection.ids.size;
  return (
    <div class="list-tools">
      <p class="list-count" role="status">
        {size === 0 ? <Matching {...{ steady, count, isOld }} /> : <Selected {...{ steady, selection, count }} />}
      </p>
      {size > 0 ? <Actions {...{ selection, search, count, chosen }} /> : !isOld && <News steady={steady} />}
    </div>
  );
}

const Matching = ({ steady, count, isOld }: Pick<Tools, 'steady' | 'count' | 'isOld'>) =>
  isOld ? (
    <span class="none">searching …{steady.rows.length > 0 && ' what is grey does not belong to this search'}</span>
  ) : count ? (
    <>
      <b class="number">{countText(count.count, count.isExact)}</b> {count.count === 1 ? 'task matches' : 'tasks match'}
    </>
  ) : (
    <span class="none">counting …</span>
  );

/** As in a mailbox: the page first, and all that match by one more click. */
function Selected({ steady, selection, count }: Pick<Tools, 'steady' | 'selection' | 'count'>) {
  const { size } = selection.ids;
  if (selection.isAll && count) return <b>All {plural(count.count, 'task', count.isExact)} that match are selected.</b>;
  const isWholePage = size === steady.rows.length && count !== undefined && count.count > size;
  return (
    <>
      <b class="number">{size}</b> selected{' '}
      {isWholePage && (
        <button type="button" class="link" onClick={selection.selectAll}>
          Select all {countText(count.count, count.isExact)} that match
        </button>
      )}
    </>
  );
}

const ON_ALL = ['retry', 'cancel', 'remove'] as const;

function Actions({ selection, search, count, chosen }: Omit<Tools, 'steady' | 'isOld'>) {
  const canWrite = useCanWrite();
  const names = selection.isAll ? ON_ALL : (Object.keys(ACTIONS) as TaskAction[]);
  const run = async (action: TaskAction): Promise<void> => {
    const isDone = selection.isAll && count && action !== 'run-now' ? await actOnAll(action, search, count) : await act(action, chosen);
    if (isDone) selection.clear();
  };
  return (
    <div class="list-actions" role="group" aria-label="Actions on the selection">
      {canWrite &&
        names.map((action) => (
          <button key={action} type="button" class="small" title={ACTIONS[action].hint} onClick={() => void run(action)}>
            {ACTIONS[action].label}
          </button>
        ))}
      <button type="button" class="quiet small" onClick={selection.clear}>
        Clear
      </button>
    </div>
  );
}

/** The way to what came meanwhile, which is not put in by itself. */
function News({ steady: { news, rows, show } }: Pick<Tools, 'steady'>) {
  const gone = rows.filter(({ isGone }) => isGone).length;
  if (news === 0 && gone === 0) return null;
  return (
    <button type="button" class="small news" onClick={show} title="The rows stay until you want them renewed (.)">
      {news > 0 ? `Show ${news} new` : `Renew the list`}
    </button>
  );
}
