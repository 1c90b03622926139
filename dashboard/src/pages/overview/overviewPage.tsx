import { useEffect, useMemo } from 'preact/hooks';
import type { Minute, Overview } from '../../api/types';
import { useCell } from '../../live/cell';
import { second } from '../../live/clock';
import { link } from '../../live/link';
import { useAnswer } from '../../live/useAnswer';
import { Chart } from '../../parts/chart';
import { Fault, Loading } from '../../parts/fault';
import type { ChartData } from '../../parts/stackedChart';
import { HealthStrip } from './healthStrip';
import { QueueTable } from './queueTable';

const LOOK_EVERY_S = 3;

/** What is wrong, how much is done, and how each queue is. */
export function OverviewPage() {
  const { data, error, refresh } = useAnswer<Overview>('admin/overview', ['tasks', 'queues', 'processes']);
  const now = useCell(second);
  // The server remembers an overview for a moment, so that an answer may be from before the change that it was asked after.
  useEffect(() => {
    if (now % LOOK_EVERY_S === 0 && link.state.value === 'live') refresh();
  }, [now]);
  if (!data) return error ? <Fault error={error} what="The overview cannot be shown" retry={refresh} /> : <Loading rows={8} />;
  return (
    <>
      <h1 class="unseen-title">Overview</h1>
      <HealthStrip health={data.health} />
      <Finished minutes={data.minutes} />
      <QueueTable queues={data.queues} />
    </>
  );
}

function Finished({ minutes }: { readonly minutes: readonly Minute[] }) {
  const data = useMemo(() => chartOf(minutes), [minutes]);
  const sum = minutes.reduce((total, { succeeded, dead }) => total + succeeded + dead, 0);
  return (
    <section class="card" aria-label="Attempts a minute">
      <h2>
        Attempts a minute <span class="none">by outcome, and the tasks that wait beside them</span>
      </h2>
      <Chart data={data} label={`Attempts a minute in the last hour by outcome, ${sum} tasks finished`} />
    </section>
  );
}

function chartOf(minutes: readonly Minute[]): ChartData {
  const waiting = minutes.map((minute) => minute.waiting);
  return {
    times: minutes.map(({ at }) => Date.parse(at) / 1_000),
    series: [
      { name: 'succeeded', colour: 'good', values: minutes.map(({ succeeded }) => succeeded) },
      { name: 'failed, tried again', colour: 'warn', values: minutes.map(({ retried }) => retried) },
      { name: 'dead', colour: 'bad', values: minutes.map(({ dead }) => dead) },
      ...(waiting.some((value) => value !== null) ? [{ name: 'waiting', colour: 'dim', values: waiting, isLine: true }] : []),
    ],
  };
}
