import { change } from '../../actions/change';
import { pathOf } from '../../api/client';
import type { Process, RunningTask } from '../../api/types';
import { useCanWrite } from '../../live/session';
import { confirmed } from '../../parts/confirm';
import { taskHref, tasksHref } from '../../route/route';
import { quoted } from '../../search/tokens';
import { Shown } from '../../text/shown';
import { Since, Time } from '../../text/time';

export function ProcessCard({ process, worker }: { readonly process: Process; readonly worker: string | undefined }) {
  const { host, pid, version, startedAt, seenAt, isDraining, slots, running, workers, tasks } = process;
  const isMeant = workers.some(({ id }) => id === worker);
  return (
    <section class={`card process ${isMeant ? 'meant' : ''}`} aria-label={`Process ${pid} on ${host}`}>
      <div class="process-head">
        <h2>
          <Shown text={host} most={60} /> <span class="number">{pid}</span>
        </h2>
        {isDraining && <span class="badge badge-warn">❚❚ takes nothing more</span>}
        <span class="none">
          version <Shown text={version} most={20} /> · started <Time at={startedAt} /> · heartbeat <Time at={seenAt} />
        </span>
        <Slots running={running} slots={slots} />
        <Drain process={process} />
      </div>
      <ul class="workers">
        {workers.map(({ id, queues, maxConcurrency, running: busy, handles }) => (
          <li key={id} class={id === worker ? 'meant' : ''}>
            <a class="id-whole" href={tasksHref(`worker:${quoted(id)}`)} title="Its tasks">
              <Shown text={id} most={80} />
            </a>{' '}
            serves <Shown text={queues.join(', ')} most={200} /> · <span class="number">{busy}</span> of <span class="number">{maxConcurrency}</span>{' '}
            ·{' '}
            <span class="none">
              handles <Shown text={handles.join(', ')} most={200} />
            </span>
          </li>
        ))}
      </ul>
      {tasks.length > 0 && <Running tasks={tasks} />}
    </section>
  );
}

const Slots = ({ running, slots }: { readonly running: number; readonly slots: number }) => (
  <span class="slots">
    <progress max={Math.max(1, slots)} value={running} aria-label="Busy slots" /> <span class="number">{`${running}/${slots}`}</span>
  </span>
);

function Drain({ process: { id, host, pid, isDraining } }: { readonly process: Process }) {
  if (!useCanWrite() || isDraining) return null;
  const drain = async (): Promise<void> => {
    const question = {
      title: `Drain process ${pid} on ${host}?`,
      text: 'It ends what it runs and takes nothing more, until it is started again.',
      act: 'Drain',
      isDangerous: true,
    };
    if (await confirmed(question)) await change(`admin/processes/${pathOf(id, 'drain')}`, `Process ${pid} takes nothing more.`);
  };
  return (
    <button type="button" class="small" onClick={() => void drain()}>
      Drain
    </button>
  );
}

const Running = ({ tasks }: { readonly tasks: readonly RunningTask[] }) => (
  <div class="scroll" tabIndex={0} role="region" aria-label="What it runs">
    <table class="running">
      <thead>
        <tr>
          <th scope="col">Runs</th>
          <th scope="col">Queue</th>
          <th scope="col" class="number">
            Attempt
          </th>
          <th scope="col" class="number">
            For
          </th>
        </tr>
      </thead>
      <tbody>
        {tasks.map(({ id, queue, name, attempt, since }) => (
          <tr key={id}>
            <td>
              <a href={taskHref(queue, id)}>
                <Shown text={name} most={60} />
              </a>{' '}
              <span class="id">{id.slice(-6)}</span>
            </td>
            <td>
              <Shown text={queue} most={40} />
            </td>
            <td class="number">{attempt}</td>
            <td class="number">
              <Since at={since} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
