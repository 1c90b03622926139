import { pathOf } from '../../api/client';
import type { BrokerQueue, BrokerStats } from '../../api/types';
import { useAnswer } from '../../live/useAnswer';
import { Fault, Loading, Nothing } from '../../parts/fault';
import { hrefOf } from '../../route/route';
import { durationText } from '../../text/durations';
import { countText, plural } from '../../text/numbers';
import { Shown } from '../../text/shown';
import { BrokerDetail } from './brokerDetail';

/** The queues of the broker, and what is in the one that was chosen. */
export function BrokerPage({ chosen }: { readonly chosen: string | undefined }) {
  const { data, error, refresh } = useAnswer<{ queues: readonly BrokerQueue[]; next: string | null }>('queues?limit=200', ['queues']);
  if (!data) return error ? <Fault error={error} what="The queues of the broker cannot be shown" retry={refresh} /> : <Loading />;
  const { queues } = data;
  const open = queues.find(({ name }) => name === chosen);
  return (
    <>
      <div class="page-head">
        <h1>{plural(queues.length, 'queue', data.next === null)} of the broker</h1>
      </div>
      {queues.length === 0 && <Nothing title="The broker has no queues" text="They are made by PUT /v1/queues/{queue}: see the API at docs." />}
      {queues.length > 0 && <List queues={queues} chosen={chosen} />}
      {open && <BrokerDetail key={open.name} queue={open} />}
    </>
  );
}

const List = ({ queues, chosen }: { readonly queues: readonly BrokerQueue[]; readonly chosen: string | undefined }) => (
  <section class="card scroll" tabIndex={0} aria-label="Queues of the broker">
    <table class="stack">
      <thead>
        <tr>
          <th scope="col">Queue</th>
          {['Waiting', 'Delayed', 'In flight', 'Dead letters', 'Oldest'].map((name) => (
            <th key={name} scope="col" class="number">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {queues.map((queue) => (
          <Row key={queue.name} queue={queue} isOpen={queue.name === chosen} />
        ))}
      </tbody>
    </table>
  </section>
);

function Row({ queue: { name, isPaused }, isOpen }: { readonly queue: BrokerQueue; readonly isOpen: boolean }) {
  const { data } = useAnswer<BrokerStats>(`queues/${pathOf(name)}/stats`, ['tasks', 'queues'], name);
  const cell = (label: string, count: number | undefined, isBad = false) => (
    <td class={`number ${isBad && (count ?? 0) > 0 ? 'bad' : ''}`} data-label={label}>
      {count === undefined ? '' : countText(count, !data?.isRounded)}
    </td>
  );
  return (
    <tr class={isOpen ? 'current' : ''} aria-current={isOpen || undefined}>
      <th scope="row">
        <a href={isOpen ? hrefOf('broker') : hrefOf('broker', [name])}>
          <Shown text={name} most={80} />
        </a>{' '}
        {isPaused && <span class="badge badge-warn">❚❚ paused</span>}
      </th>
      {cell('Waiting', data?.waiting)}
      {cell('Delayed', data?.delayed)}
      {cell('In flight', data?.inFlight)}
      {cell('Dead', data?.dead, true)}
      <td class="number" data-label="Oldest">
        {data && (data.oldestSeconds === null ? <span class="none">–</span> : durationText(data.oldestSeconds * 1_000))}
      </td>
    </tr>
  );
}
