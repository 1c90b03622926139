import type { TaskSummary } from '../../api/types';
import { StateMark, shownState } from '../../parts/stateMark';
import { taskHref, tasksHref } from '../../route/route';
import { quoted } from '../../search/tokens';
import { Shown } from '../../text/shown';
import { Duration, Time } from '../../text/time';
import { TaskNote } from './taskNote';
import type { Selection } from './useSelection';
import type { SteadyRow, SteadyRows } from './useSteadyRows';

const HEADS = [
  ['State', 'col-state'],
  ['Task', 'col-name'],
  ['Queue', 'col-queue'],
  ['What about it', 'col-note'],
  ['Failures', 'number col-tries'],
  ['Ran', 'number col-run'],
  ['Added', 'number col-time'],
] as const;

/** A first attempt that succeeds and logs nothing writes no record of itself, which would cost every task a longer write. */
const NOT_KEPT = 'Not kept of a task that succeeded at its first attempt: the Overview has the times of its queue';

interface Table {
  readonly steady: SteadyRows;
  readonly selection: Selection;
  readonly cursor: number;
  /** Whether the rows are those of another search, which are shown but not chosen. */
  readonly isOld: boolean;
}

export function TaskTable({ steady, selection, cursor, isOld }: Table) {
  const tasks = steady.rows.map(({ task }) => task);
  const arePicked = tasks.every(({ id }) => selection.ids.has(id));
  return (
    <table class={`task-table ${isOld ? 'old' : ''}`}>
      <thead>
        <tr>
          <th scope="col" class="pick">
            {!isOld && <input type="checkbox" aria-label="Select the whole page" checked={arePicked} onChange={() => selection.togglePage(tasks)} />}
          </th>
          {HEADS.map(([text, name]) => (
            <th key={name} scope="col" class={name}>
              {text}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {steady.rows.map((row, index) => (
          <TaskRow key={row.task.id} row={row} index={index} isCurrent={index === cursor} selection={selection} isOld={isOld} />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly row: SteadyRow;
  readonly index: number;
  readonly isCurrent: boolean;
  readonly selection: Selection;
  readonly isOld: boolean;
}

function TaskRow({ row: { task, isGone }, index, isCurrent, selection, isOld }: RowProps) {
  const { id, name } = task;
  const isPicked = !isOld && (selection.isAll || selection.ids.has(id));
  const marks = [isCurrent && 'current', isPicked && 'picked', isGone && 'gone'].filter(Boolean).join(' ');
  return (
    <tr data-row={index} data-id={id} class={marks} aria-current={isCurrent || undefined}>
      <td class="pick">
        {!isOld && (
          <input
            type="checkbox"
            aria-label={`Select ${name.slice(0, 60)} ${id.slice(-6)}`}
            checked={isPicked}
            onChange={() => selection.toggle(id)}
          />
        )}
      </td>
      <td class="col-state">
        <StateMark state={shownState(task)} />
      </td>
      <Names task={task} />
      <td class="col-note">{isGone ? <span class="none">is no longer on this page of the list</span> : <TaskNote task={task} />}</td>
      <td class="number col-tries" title={`${task.failures} of ${task.maxRetries} failures, then it is dead`}>
        {task.failures === 0 ? <span class="none">–</span> : `${task.failures} of ${task.maxRetries}`}
      </td>
      <td class="number col-run" title={task.durationMs === null && task.state === 'succeeded' ? NOT_KEPT : undefined}>
        <Duration ms={task.durationMs} />
      </td>
      <td class="number col-time">
        <Time at={task.createdAt} />
      </td>
    </tr>
  );
}

const Names = ({ task: { id, queue, name } }: { readonly task: TaskSummary }) => (
  <>
    <td class="col-name">
      <a href={taskHref(queue, id)}>
        <Shown text={name} most={60} />
      </a>{' '}
      <span class="id" title={id}>
        {id.slice(-6)}
      </span>
    </td>
    <td class="col-queue">
      <a class="plain" href={tasksHref(`queue:${quoted(queue)}`)}>
        <Shown text={queue} most={40} />
      </a>
    </td>
  </>
);
