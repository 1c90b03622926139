import type { Process } from '../../api/types';
import { useAnswer } from '../../live/useAnswer';
import { Fault, Loading, Nothing } from '../../parts/fault';
import { hrefOf } from '../../route/route';
import { plural } from '../../text/numbers';
import { Shown } from '../../text/shown';
import { ProcessCard } from './processCard';

/** Who works: each process that has a worker, with what it runs. */
export function ProcessesPage({ worker }: { readonly worker: string | undefined }) {
  const { data, error, refresh } = useAnswer<{ processes: readonly Process[] }>('admin/processes', ['processes', 'tasks']);
  if (!data) return error ? <Fault error={error} what="The processes cannot be shown" retry={refresh} /> : <Loading />;
  const { processes } = data;
  const running = processes.reduce((sum, process) => sum + process.running, 0);
  const slots = processes.reduce((sum, process) => sum + process.slots, 0);
  const isThere = worker === undefined || processes.some(({ workers }) => workers.some(({ id }) => id === worker));
  return (
    <>
      <div class="page-head">
        <h1>
          {plural(processes.length, 'process').replace('processs', 'processes')}, {running} of {plural(slots, 'slot')} busy
        </h1>
      </div>
      {!isThere && (
        <p class="note" role="note">
          The worker <Shown text={worker} most={100} /> is no longer there: its process has ended, or missed three heartbeats.{' '}
          <a href={hrefOf('processes')}>Show all</a>
        </p>
      )}
      {processes.length === 0 && (
        <Nothing title="No process works" text="Start one: a Worker in your program, or holdfast worker. Tasks wait until then." />
      )}
      {processes.map((process) => (
        <ProcessCard key={process.id} process={process} worker={worker} />
      ))}
    </>
  );
}
