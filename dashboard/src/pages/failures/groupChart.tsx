import { useMemo } from 'preact/hooks';
import { withQuery } from '../../api/client';
import type { FailureGroup, StatisticsPoint } from '../../api/types';
import { useAnswer } from '../../live/useAnswer';
import { Chart } from '../../parts/chart';
import { Shown } from '../../text/shown';

/** The attempts of the kind of task that fails most in a group, in the last hour: failures are counted by name, not by cause. */
export function GroupChart({ group: { names } }: { readonly group: FailureGroup }) {
  const [most] = [...names].sort((a, b) => b.count - a.count);
  const path = most ? withQuery('admin/statistics', { queue: most.queue, name: most.name }) : null;
  const { data } = useAnswer<{ points: readonly StatisticsPoint[] }>(path, ['tasks']);
  const chart = useMemo(() => {
    const points = data?.points ?? [];
    return {
      times: points.map(({ at }) => Date.parse(at) / 1_000),
      series: [
        { name: 'failed', colour: 'bad', values: points.map(({ failed }) => failed) },
        { name: 'succeeded', colour: 'good', values: points.map(({ succeeded }) => succeeded) },
      ],
    };
  }, [data]);
  if (!most || chart.times.length === 0) return null;
  return (
    <div>
      <h3>
        Attempts of <Shown text={`${most.queue} / ${most.name}`} most={80} />
      </h3>
      <Chart data={chart} label={`Attempts of ${most.name} by outcome`} height={120} />
    </div>
  );
}
