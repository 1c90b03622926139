import { useEffect, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import { useCell } from '../live/cell';
import { theme, zone } from '../live/preferences';
import { exactText } from '../text/durations';
import { wholeNumber } from '../text/numbers';
import { drawChart, renew } from './stackedChart';
import type { ChartData } from './stackedChart';

/** Calls back when the colours of the system change. */
function useSystemTheme(): boolean {
  const query = matchMedia('(prefers-color-scheme: dark)');
  const [isDark, set] = useState(query.matches);
  useEffect(() => {
    const note = (): void => set(query.matches);
    query.addEventListener('change', note);
    return () => query.removeEventListener('change', note);
  }, []);
  return isDark;
}

interface ChartProps {
  readonly data: ChartData;
  readonly label: string;
  readonly height?: number;
  /** What the times are, in words. */
  readonly span?: string;
}

/** A chart over time, with what it shows at the pointer in words above it. */
export function Chart({ data, label, height = 190, span = 'last hour' }: ChartProps) {
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const [point, setPoint] = useState<number | null>(null);
  const drawnFor = `${useCell(theme)} ${String(useSystemTheme())} ${useCell(zone)}`;
  useEffect(() => {
    const place = element.current as HTMLDivElement;
    const made = drawChart(place, data, height, setPoint);
    chart.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: place.clientWidth, height }));
    watch.observe(place);
    return () => {
      watch.disconnect();
      made.destroy();
      chart.current = undefined;
    };
  }, [drawnFor]);
  useEffect(() => {
    if (chart.current) renew(chart.current, data);
  }, [data]);
  return (
    <figure class="chart">
      <Legend data={data} point={point} span={span} />
      <div ref={element} class="chart-canvas" role="img" aria-label={label} />
    </figure>
  );
}

/** The names of the series, and their numbers: at the pointer, or of all the time. */
function Legend({ data, point, span }: { readonly data: ChartData; readonly point: number | null; readonly span: string }) {
  const where = useCell(zone);
  const at = point === null ? undefined : data.times[point];
  return (
    <figcaption class="legend">
      {data.series.map(({ name, colour, isLine, values }) => (
        <span key={name} class="legend-one">
          <span class={`swatch ${isLine ? 'swatch-line' : ''} fill-${colour}`} aria-hidden="true" />
          {name} <b class="number">{shownValue(values, point, isLine === true)}</b>
        </span>
      ))}
      <span class="legend-when">{at === undefined ? span : exactText(at * 1_000, where).slice(0, 16)}</span>
    </figcaption>
  );
}

function shownValue(values: readonly (number | null)[], point: number | null, isLine: boolean): string {
  const value =
    point !== null ? values[point] : isLine ? values.findLast((each) => each !== null) : values.reduce((sum: number, each) => sum + (each ?? 0), 0);
  return value === null || value === undefined ? '–' : wholeNumber(value);
}
