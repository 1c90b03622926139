import { useState } from 'preact/hooks';
import { change } from '../../actions/change';
import { pathOf } from '../../api/client';
import type { BrokerQueue } from '../../api/types';
import { useCanWrite } from '../../live/session';
import { confirmed } from '../../parts/confirm';
import { Messages } from './messages';
import { SendForm } from './sendForm';

type View = 'messages' | 'dead-letters' | 'send';

const VIEWS: readonly (readonly [View, string])[] = [
  ['messages', 'Messages'],
  ['dead-letters', 'Dead letters'],
  ['send', 'Send'],
];

/** One queue of the broker: a look at its messages that receives none, its dead letters, and a form that sends. */
export function BrokerDetail({ queue: { name, isPaused } }: { readonly queue: BrokerQueue }) {
  const canWrite = useCanWrite();
  const [view, setView] = useState<View>('messages');
  const [version, setVersion] = useState(0);
  const done = (): void => setVersion(version + 1);
  const redrive = async (): Promise<void> => {
    const question = { title: `Redrive the dead letters of ${name}?`, text: 'All of them return to the queue that they came from.', act: 'Redrive' };
    if ((await confirmed(question)) && (await change(`queues/${pathOf(name)}/dead-letters/redrive`, `The dead letters of ${name} returned.`))) done();
  };
  const pause = (): Promise<boolean> =>
    change(`queues/${pathOf(name, isPaused ? 'resume' : 'pause')}`, `${name} is ${isPaused ? 'resumed' : 'paused'}.`);
  return (
    <section class="card" aria-label={`Queue ${name}`}>
      <div class="page-head">
        <h2>{name}</h2>
        <div class="choice" role="group" aria-label="What to show">
          {VIEWS.filter(([id]) => canWrite || id !== 'send').map(([id, text]) => (
            <button key={id} type="button" class="small" aria-pressed={view === id} onClick={() => setView(id)}>
              {text}
            </button>
          ))}
        </div>
        {canWrite && (
          <div class="list-actions">
            <button type="button" class="small" onClick={() => void pause()}>
              {isPaused ? 'Resume' : 'Pause'}
            </button>
            <button type="button" class="small" onClick={() => void redrive()}>
              Redrive dead letters
            </button>
          </div>
        )}
      </div>
      {view === 'send' ? <SendForm queue={name} done={done} /> : <Messages key={`${view} ${version}`} queue={name} view={view} />}
    </section>
  );
}
