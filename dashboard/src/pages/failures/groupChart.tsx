import { useMemo } from 'preact/hooks';
import type { FailureGroup } from '../../api/types';
import { serverNow } from '../../live/clock';
import { Chart } from '../../parts/chart';
import { recentCounts } from './recentCounts';

const STEP_MS = 600_000;

/** The failures of a group in the last day. */
export function GroupChart({ group }: { readonly group: FailureGroup }) {
  const chart = useMemo(() => {
    const { times, counts } = recentCounts(group, serverNow(), STEP_MS);
    return { times: times.map((ms) => ms / 1_000), series: [{ name: 'failures', colour: 'bad', values: counts }] };
  }, [group]);
  return (
    <div>
      <h3>Failures every ten minutes</h3>
      <Chart data={chart} label="Failures of this cause in the last day" span="last day" height={120} />
    </div>
  );
}
