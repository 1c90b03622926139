import { pathOf } from '../../api/client';
import type { Message } from '../../api/types';
import { useAnswer } from '../../live/useAnswer';
import { Fault, Loading, Nothing } from '../../parts/fault';
import { JsonView } from '../../text/jsonView';
import { LongText } from '../../text/longText';
import { Shown } from '../../text/shown';
import { Time } from '../../text/time';

/** The newest messages. Looking at them receives none. */
export function Messages({ queue, view }: { readonly queue: string; readonly view: 'messages' | 'dead-letters' }) {
  const { data, error, refresh } = useAnswer<{ messages: readonly Message[]; next: string | null }>(
    `queues/${pathOf(queue, view)}?limit=50`,
    ['tasks'],
    queue,
  );
  if (!data) return error ? <Fault error={error} what="The messages cannot be shown" retry={refresh} /> : <Loading rows={4} />;
  if (data.messages.length === 0) return <Nothing title={view === 'messages' ? 'The queue is empty' : 'There are no dead letters'} />;
  return (
    <>
      <ul class="messages">
        {data.messages.map((message) => (
          <li key={message.id}>
            <p>
              <span class="badge">{message.state}</span> <span class="id-whole">{message.id}</span>{' '}
              <span class="none">
                sent <Time at={message.sentAt} /> · received {message.receiveCount}×
                {message.until && (
                  <>
                    {' '}
                    · until <Time at={message.until} />
                  </>
                )}
              </span>
            </p>
            {message.deadLetter && <DeadLetter letter={message.deadLetter} />}
            <details>
              <summary>{message.contentType}</summary>
              <Body message={message} />
            </details>
          </li>
        ))}
      </ul>
      {data.next !== null && <p class="none">These are the newest {data.messages.length}; there are more.</p>}
    </>
  );
}

const DeadLetter = ({ letter: { from, reason, description, at } }: { readonly letter: NonNullable<Message['deadLetter']> }) => (
  <p class="failure">
    <b>
      <Shown text={reason} most={80} />
    </b>{' '}
    {description && <Shown text={description} />} from <Shown text={from} most={60} /> <Time at={at} />
  </p>
);

const Body = ({ message: { body, bodyBase64 } }: { readonly message: Message }) =>
  bodyBase64 !== undefined ? (
    <LongText text={bodyBase64} what="the bytes as base64" />
  ) : typeof body === 'string' ? (
    <LongText text={body} what="the body" />
  ) : (
    <JsonView value={body} what="the body" />
  );
