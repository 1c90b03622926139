import { act, ACTIONS } from '../../actions/taskActions';
import type { TaskAction } from '../../actions/taskActions';
import type { TaskAnswer, TaskDetail } from '../../api/types';
import { useKeys } from '../../keys/keyboard';
import { useCanWrite } from '../../live/session';
import { shownState, StateMark } from '../../parts/stateMark';
import { tasksHref } from '../../route/route';
import { quoted } from '../../search/tokens';
import { CopyButton } from '../../text/copyButton';
import { Shown } from '../../text/shown';
import { openCopy } from './copyDialog';

export function TaskHead({ answer: { task, explanation }, isGone }: { readonly answer: TaskAnswer; readonly isGone: boolean }) {
  const { name, queue, id } = task;
  return (
    <header class="task-head">
      <p class="crumbs">
        <a href={tasksHref('')}>Tasks</a> /{' '}
        <a href={tasksHref(`queue:${quoted(queue)}`)}>
          <Shown text={queue} most={60} />
        </a>{' '}
        / <span class="id-whole">{id}</span> <CopyButton text={id} what="the id" />
      </p>
      <div class="task-title">
        <h1>
          <Shown text={name} most={120} />
        </h1>
        <StateMark state={shownState(task)} />
        {!isGone && <Actions task={task} />}
      </div>
      {isGone ? (
        <p class="why why-gone">This task was removed, or its retention is over. This is what it was.</p>
      ) : (
        explanation && (
          <p class="why" data-code={explanation.code}>
            <Shown text={explanation.text} most={600} />
          </p>
        )
      )}
    </header>
  );
}

function Actions({ task }: { readonly task: TaskDetail }) {
  const canWrite = useCanWrite();
  const isFor = (action: TaskAction): boolean => ACTIONS[action].states.includes(task.state) && (action !== 'run-now' || task.isDelayed);
  const run = (action: TaskAction): void => {
    if (canWrite && isFor(action)) void act(action, [task]);
  };
  useKeys({
    r: () => run('retry'),
    c: () => run('cancel'),
    d: () => run('remove'),
    e: () => canWrite && openCopy(task),
    Escape: () => history.back(),
  });
  if (!canWrite) return null;
  const offered = (Object.keys(ACTIONS) as TaskAction[]).filter(isFor);
  return (
    <div class="task-actions" role="group" aria-label="Actions">
      {offered.map((action, index) => (
        <button
          key={action}
          type="button"
          class={index === 0 && task.state === 'dead' ? 'primary' : ''}
          title={ACTIONS[action].hint}
          onClick={() => run(action)}
        >
          {ACTIONS[action].label}
        </button>
      ))}
      <button type="button" title="Add a task like this one, changed or not (e)" onClick={() => openCopy(task)}>
        Edit and add…
      </button>
    </div>
  );
}
