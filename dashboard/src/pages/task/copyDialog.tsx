import { useState } from 'preact/hooks';
import { pathOf, post, toldOf } from '../../api/client';
import type { TaskDetail } from '../../api/types';
import { link } from '../../live/link';
import { DialogTools, openDialog } from '../../parts/dialog';
import { say } from '../../parts/notices';
import { go, taskHref } from '../../route/route';
import { Shown } from '../../text/shown';

/** Opens the form that adds a task like another one. */
export const openCopy = (task: TaskDetail): void => openDialog((close) => <CopyForm task={task} close={close} />);

/** What is wrong with a JSON text, or null. */
function faultIn(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Adds the copy, and goes there. What is not changed is copied on the server, because the page may not have all of it. */
async function addCopy({ queue, id }: TaskDetail, payload: string | null): Promise<void> {
  const path = `admin/queues/${pathOf(queue)}/tasks/${pathOf(id, 'copy')}`;
  const added = await post<{ readonly id: string }>(path, payload === null ? {} : { payload: JSON.parse(payload) as unknown });
  link.announce();
  say('good', 'A copy is added.');
  go(taskHref(queue, added.id));
}

function CopyForm({ task, close }: { readonly task: TaskDetail; readonly close: () => void }) {
  const before = JSON.stringify(task.payload, null, 2);
  const [text, setText] = useState(before);
  const [fault, setFault] = useState<string | null>(null);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    const wrong = text === before ? null : faultIn(text);
    setFault(wrong);
    if (wrong !== null) return;
    await addCopy(task, text === before ? null : text).then(close, (error: unknown) => setFault(toldOf(error)));
  };
  return (
    <form onSubmit={(event) => void send(event)}>
      <h2 id="dialog-title">
        Add a task like <Shown text={task.name} most={60} />
      </h2>
      <p class="dialog-text">The task itself stays as it is. The new one has its queue, name and options.</p>
      {task.hidden.includes('payload') ? (
        <p class="dialog-text">Parts of the payload are hidden here, so that it is copied as it is.</p>
      ) : (
        <PayloadField text={text} setText={setText} isWrong={fault !== null} />
      )}
      {fault !== null && (
        <p class="fault-text" role="alert">
          <Shown text={fault} />
        </p>
      )}
      <DialogTools close={close} act="Add the task" />
    </form>
  );
}

const PayloadField = ({ text, setText, isWrong }: { readonly text: string; readonly setText: (text: string) => void; readonly isWrong: boolean }) => (
  <label>
    Payload
    <textarea
      rows={14}
      spellcheck={false}
      value={text}
      autofocus
      aria-invalid={isWrong}
      onInput={({ currentTarget }) => setText(currentTarget.value)}
    />
  </label>
);
