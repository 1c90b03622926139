import uPlot from 'uplot';
import { clockText } from '../text/durations';
import { shortNumber } from '../text/numbers';
import { zone } from '../live/preferences';
import { colourOf } from './colours';

/** A row of numbers of a chart. */
export interface Series {
  readonly name: string;
  /** A colour of the style sheet. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
  /** A line has its scale at the right; bars are stacked. */
  readonly isLine?: boolean;
}

export interface ChartData {
  /** Seconds since the epoch. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
}

/** Stacks the bars: each is drawn from the ground, behind the one below it. */
function stacked({ times, series }: ChartData): uPlot.AlignedData {
  const sums = times.map(() => 0);
  const bars = series
    .filter(({ isLine }) => !isLine)
    .map(({ values }) => times.map((_, index) => (sums[index] = (sums[index] ?? 0) + (values[index] ?? 0))));
  const lines = series.filter(({ isLine }) => isLine).map(({ values }) => [...values]);
  return [[...times], ...bars.reverse(), ...lines] as uPlot.AlignedData;
}

function seriesOf(series: readonly Series[]): uPlot.Series[] {
  const paths = uPlot.paths.bars?.({ size: [0.78, 40], align: 0 });
  const bars = series
    .filter(({ isLine }) => !isLine)
    .map(({ name, colour }) => ({ label: name, ...fillOf(colour), ...(paths ? { paths } : {}), points: { show: false } }));
  const lines = series
    .filter(({ isLine }) => isLine)
    .map(({ name, colour }) => ({ label: name, scale: 'line', stroke: colourOf(colour), width: 1.5, dash: [4, 3], points: { show: false } }));
  return [{}, ...bars.reverse(), ...lines];
}

const fillOf = (colour: string): { fill: string; stroke: string; width: number } => ({ fill: colourOf(colour), stroke: colourOf(colour), width: 0 });

function axesOf(hasLine: boolean): uPlot.Axis[] {
  const common = { stroke: colourOf('dim'), font: '11px system-ui, sans-serif', ticks: { show: false } };
  const numbers = (_: uPlot, values: number[]): string[] => values.map((value) => (Number.isInteger(value) ? shortNumber(value) : ''));
  const left = { ...common, size: 44, values: numbers, grid: { stroke: colourOf('line'), width: 1 } };
  const times = (_: uPlot, values: number[]): string[] => values.map((value) => clockText(value * 1_000, zone.value));
  return [
    { ...common, grid: { show: false }, values: times, space: 70, size: 26 },
    left,
    ...(hasLine ? [{ ...left, scale: 'line', side: 1 as const, grid: { show: false } }] : []),
  ];
}

/** Half a step more at both ends, because a bar stands around its time. */
const halfStepWider = ({ data: [times] }: uPlot, least: number, most: number): uPlot.Range.MinMax => {
  const half = times.length > 1 ? ((times[1] as number) - (times[0] as number)) / 2 : 30;
  return [least - half, most + half];
};

/** From zero up, also where all are zero. */
const fromZero = (_: uPlot, _least: number, most: number): uPlot.Range.MinMax => [0, Math.max(4, most * 1.08)];

/** Draws a chart of stacked bars and lines into an element. */
export function drawChart(element: HTMLElement, data: ChartData, height: number, onPoint: (index: number | null) => void): uPlot {
  const hasLine = data.series.some(({ isLine }) => isLine);
  return new uPlot(
    {
      width: element.clientWidth,
      height,
      padding: [8, hasLine ? 0 : 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: { x: { range: halfStepWider }, y: { range: fromZero }, ...(hasLine ? { line: { range: fromZero } } : {}) },
      axes: axesOf(hasLine),
      series: seriesOf(data.series),
      hooks: { setCursor: [({ cursor: { idx } }) => onPoint(idx ?? null)] },
    },
    stacked(data),
    element,
  );
}

/** Gives a chart new numbers. */
export const renew = (chart: uPlot, data: ChartData): void => chart.setData(stacked(data));
