import { useState } from 'preact/hooks';
import { pathOf, post, toldOf } from '../../api/client';
import { link } from '../../live/link';
import { say } from '../../parts/notices';
import { Shown } from '../../text/shown';

/** Sends a message: JSON as it is, and any other text as text. */
export function SendForm({ queue, done }: { readonly queue: string; readonly done: () => void }) {
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      const { id } = await post<{ id: string }>(`queues/${pathOf(queue)}/messages`, bodyOf(text));
      say('good', `The message ${id} is sent.`);
      setText('');
      setFault(null);
      link.announce();
      done();
    } catch (error) {
      setFault(toldOf(error));
    }
  };
  return (
    <form class="send" onSubmit={(event) => void send(event)}>
      <label>
        Body, as JSON or as text
        <textarea rows={6} spellcheck={false} required value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
      </label>
      {fault !== null && (
        <p class="fault-text" role="alert">
          <Shown text={fault} />
        </p>
      )}
      <button type="submit" class="primary">
        Send
      </button>
    </form>
  );
}

function bodyOf(text: string): { readonly body: unknown; readonly contentType?: string } {
  try {
    return { body: JSON.parse(text) as unknown };
  } catch {
    return { body: text, contentType: 'text/plain' };
  }
}
