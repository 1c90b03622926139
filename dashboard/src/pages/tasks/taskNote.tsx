import type { TaskSummary } from '../../api/types';
import { tasksHref } from '../../route/route';
import { quoted } from '../../search/tokens';
import { Shown } from '../../text/shown';
import { Time } from '../../text/time';

/** What matters of a task in its state: its error, its worker, when it is due. Then its tags and the beginning of its payload. */
export function TaskNote({ task }: { readonly task: TaskSummary }) {
  return (
    <>
      <Matter task={task} />
      <Tags tags={task.tags} />
      {!task.error && task.preview !== '{}' && (
        <span class="preview">
          <Shown text={task.preview} most={120} />
        </span>
      )}
    </>
  );
}

function Matter({ task: { state, isDelayed, error, workerId, availableAt, finishedAt } }: { readonly task: TaskSummary }) {
  if (state === 'running') return <Worker id={workerId} />;
  if (isDelayed) {
    return (
      <>
        {error ? 'again ' : 'due '}
        <Time at={availableAt} />
        {error && <Failure {...error} />}
      </>
    );
  }
  if (error && state !== 'succeeded') return <Failure {...error} />;
  if (state === 'waiting') {
    return (
      <>
        due since <Time at={availableAt} />
      </>
    );
  }
  return (
    <>
      ended <Time at={finishedAt} />
    </>
  );
}

const Worker = ({ id }: { readonly id: string | null }) => (
  <>
    on <Shown text={id ?? 'an unknown worker'} most={60} />
  </>
);

const Failure = ({ name, message }: { readonly name: string; readonly message: string }) => (
  <span class="failure">
    {' '}
    <b>
      <Shown text={name} most={40} />
    </b>
    : <Shown text={message} most={160} />
  </span>
);

const Tags = ({ tags }: { readonly tags: readonly string[] }) => (
  <>
    {tags.slice(0, 3).map((tag) => (
      <a key={tag} class="badge" href={tasksHref(`tag:${quoted(tag)}`)}>
        <Shown text={tag} most={20} />
      </a>
    ))}
  </>
);
