import type { ComponentChildren } from 'preact';
import { pathOf, Refusal } from '../../api/client';
import type { TaskAnswer } from '../../api/types';
import { useAnswer } from '../../live/useAnswer';
import { Fault, Loading, Nothing } from '../../parts/fault';
import { JsonView } from '../../text/jsonView';
import { Stack } from '../../text/stack';
import { Elsewhere } from './elsewhere';
import { Facts } from './facts';
import { TaskHead } from './taskHead';
import { Timeline } from './timeline';

/** One task: what it is and why it is where it is, what happened to it, what it holds, and what can be done. */
export function TaskPage({ queue, id }: { readonly queue: string; readonly id: string }) {
  const { data, error, refresh } = useAnswer<TaskAnswer>(
    `admin/queues/${pathOf(queue)}/tasks/${pathOf(id)}`,
    ['tasks', 'queues', 'processes'],
    queue,
  );
  const isGone = error instanceof Refusal && error.status === 404;
  if (!data) {
    if (isGone) return <Nothing title="There is no such task" text="It was removed, or its retention is over." />;
    return error ? <Fault error={error} what="The task cannot be shown" retry={refresh} /> : <Loading rows={10} />;
  }
  return (
    <article class="task">
      <TaskHead answer={data} isGone={isGone} />
      <div class="columns">
        <div>
          <Timeline answer={data} />
        </div>
        <div>
          <Contents answer={data} />
          <Facts task={data.task} />
          <Elsewhere answer={data} />
        </div>
      </div>
    </article>
  );
}

function Contents({ answer: { task } }: { readonly answer: TaskAnswer }) {
  const { payload, result, metadata, error, state, progress } = task;
  const isHidden = (field: string): boolean => task.hidden.includes(field);
  return (
    <>
      {error?.stack && state !== 'succeeded' && (
        <Part title="Last error">
          <Stack text={error.stack} what="the stack of the last error" />
        </Part>
      )}
      <Part title="Payload" isHidden={isHidden('payload')}>
        <JsonView value={payload} what="the payload" root="payload" />
      </Part>
      {isThere(progress) && (
        <Part title="Progress" isHidden={isHidden('progress')}>
          <Progress value={progress} />
        </Part>
      )}
      {isThere(result) && (
        <Part title="Result" isHidden={isHidden('result')}>
          <JsonView value={result} what="the result" />
        </Part>
      )}
      {Object.keys(metadata ?? {}).length > 0 && (
        <Part title="Metadata" isHidden={isHidden('metadata')}>
          <JsonView value={metadata} what="the metadata" root="meta" />
        </Part>
      )}
    </>
  );
}

const isThere = (value: unknown): boolean => value !== undefined && value !== null;

const Part = ({
  title,
  isHidden = false,
  children,
}: {
  readonly title: string;
  readonly isHidden?: boolean;
  readonly children: ComponentChildren;
}) => (
  <section class="card">
    <h2>
      {title}{' '}
      {isHidden && (
        <span class="badge badge-warn" title="By the rules of the log, or because it is too long">
          ▒ parts hidden
        </span>
      )}
    </h2>
    {children}
  </section>
);

/** A number is a share, of one or of a hundred. */
function Progress({ value }: { readonly value: unknown }) {
  if (typeof value !== 'number' || value < 0 || value > 100) return <JsonView value={value} what="the progress" />;
  const share = value <= 1 ? value : value / 100;
  return (
    <p class="progress">
      <progress max={1} value={share} aria-label="Progress" /> <b class="number">{Math.round(share * 100)} %</b>
    </p>
  );
}
