import type { Load } from './load';

/** The loads of one service. */
export interface Series {
  readonly title: string;
  readonly loads: readonly Load[];
}

const WIDTH = 360;
const HEIGHT = 220;
const LEFT = 52;
const TOP = 34;
const COLOURS = ['#1f6feb', '#d1242f'];

/** What is drawn of a load, each in a chart of its own. */
const CHARTS = [
  { title: 'answers a second, by calls at once', of: ({ perSecond }: Load) => perSecond },
  { title: 'ms to an answer, median, by calls at once', of: ({ p50 }: Load) => p50 },
  { title: '% errors, by calls at once', of: ({ errors }: Load) => errors * 100 },
];

/** Draws throughput, latency and errors by the number of calls at once. The steps of that number are equally wide. */
export function drawLoads(series: readonly Series[]): string {
  const width = CHARTS.length * (WIDTH + LEFT) + 20;
  const charts = CHARTS.map((chart, place) => `<g transform="translate(${place * (WIDTH + LEFT) + LEFT} ${TOP})">${drawChart(chart, series)}</g>`);
  const legend = series.map(({ title }, at) => `<text x="${LEFT + at * 300}" y="${TOP + HEIGHT + 52}" fill="${COLOURS[at]}">■ ${title}</text>`);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${TOP + HEIGHT + 70}" font-family="sans-serif" font-size="13">` +
    `<rect width="100%" height="100%" fill="#fff"/>${charts.join('')}${legend.join('')}</svg>\n`
  );
}

function drawChart({ title, of }: (typeof CHARTS)[number], series: readonly Series[]): string {
  const steps = series[0]?.loads.map(({ atOnce }) => atOnce) ?? [];
  const most = Math.max(1, ...series.flatMap(({ loads }) => loads.map(of))) * 1.1;
  const x = (step: number): number => (step * WIDTH) / Math.max(1, steps.length - 1) - step * 4;
  const y = (value: number): number => HEIGHT - (value * HEIGHT) / most;
  const grid = [0, 0.5, 1].map((share) => {
    const value = (most / 1.1) * share;
    const shown = value >= 10 ? value.toFixed(0) : value.toFixed(1);
    return `<line x1="0" x2="${WIDTH}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/><text x="-6" y="${y(value) + 4}" text-anchor="end">${shown}</text>`;
  });
  const labels = steps.map((atOnce, step) => `<text x="${x(step)}" y="${HEIGHT + 20}" text-anchor="middle">${atOnce}</text>`);
  const lines = series.map(({ loads }, at) => {
    const points = loads.map((load, step) => `${x(step).toFixed(1)},${y(of(load)).toFixed(1)}`);
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${COLOURS[at]}" stroke-width="2.5"/>`;
  });
  return `<text x="0" y="-14" font-weight="bold">${title}</text>${grid.join('')}${labels.join('')}${lines.join('')}`;
}
