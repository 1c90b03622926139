import { useState } from 'preact/hooks';
import { Refusal, withQuery } from '../../api/client';
import type { Count, TaskPage, TaskSummary } from '../../api/types';
import { useKeys } from '../../keys/keyboard';
import { useAnswer } from '../../live/useAnswer';
import { Fault, Loading, Nothing } from '../../parts/fault';
import { go, hrefOf, taskHref } from '../../route/route';
import { Chips } from '../../search/chips';
import { SearchBox } from '../../search/searchBox';
import { Pager } from './pager';
import { ListTools } from './listTools';
import { TaskTable } from './taskTable';
import { chosenOf, useListKeys } from './useListKeys';
import { useSelection } from './useSelection';
import { useSteadyRows } from './useSteadyRows';
import { SlowNote } from './slowNote';

const LIMIT = 50;

/** The tasks that match a search, a page of them at a time. */
export function TasksPage({ search, after }: { readonly search: string; readonly after: string }) {
  const path = withQuery('admin/tasks', { q: search, after, limit: LIMIT });
  const answer = useAnswer<TaskPage>(path, ['tasks']);
  const count = useAnswer<Count>(withQuery('admin/tasks/count', { q: search }), ['tasks']);
  const steady = useSteadyRows(path, answer);
  const selection = useSelection(search);
  const [cursor, setCursor] = useState(-1);
  const next = answer.isOld ? null : (answer.data?.next ?? null);
  const goNext = (): void => (next === null ? undefined : go(hrefOf('tasks', [], { q: search, after: next })));
  // Rows of another search or page are not acted on as those of this one.
  const { isOld } = answer;
  useListKeys({ steady, selection, cursor, setCursor, isOld });
  useKeys({ n: goNext, '.': steady.show });
  const isRefused = answer.error instanceof Refusal && answer.error.status === 400;
  return (
    <>
      <h1 class="unseen-title">Tasks</h1>
      <SearchBox search={search} error={isRefused ? answer.error : undefined} />
      <Chips search={search} />
      {answer.error !== undefined && !isRefused && <Fault error={answer.error} what="The tasks cannot be shown" retry={answer.refresh} />}
      {!isRefused && (
        <section class="card tasks" aria-label="Tasks that match" aria-busy={isOld}>
          <ListTools
            {...{ steady, selection, search, count: count.isOld ? undefined : count.data, chosen: chosenOf(steady, selection, cursor), isOld }}
          />
          <List {...{ answer, steady, selection, cursor, search }} />
          {answer.data && !isOld && <SlowNote page={answer.data} />}
          <Pager search={search} after={after} next={next} shown={steady.rows.length} />
        </section>
      )}
    </>
  );
}

interface ListProps {
  readonly answer: { readonly data: TaskPage | undefined; readonly isOld: boolean };
  readonly steady: ReturnType<typeof useSteadyRows>;
  readonly selection: ReturnType<typeof useSelection>;
  readonly cursor: number;
  readonly search: string;
}

function List({ answer, steady, selection, cursor, search }: ListProps) {
  if (!answer.data) return <Loading rows={12} />;
  if (steady.rows.length > 0) return <TaskTable {...{ steady, selection, cursor, isOld: answer.isOld }} />;
  if (answer.isOld) return <Loading rows={12} />;
  if (search === '') return <Nothing title="There are no tasks" text="Add one with queue.add, or with holdfast task add." />;
  return <Nothing title="No task matches" text="Take out a filter, or look at all tasks." />;
}

export const openTask = ({ queue, id }: TaskSummary): void => go(taskHref(queue, id));
