import type { ShownLine } from './screen';

const LINE = 19;
const CHARACTER = 8.43;
const MARGIN = 16;

/** The end stays for this long before the recording begins again, in seconds. */
const REST = 12;

/** Draws a recording as an SVG that plays by itself and again: each line is visible from when it was written to when it was replaced. */
export function animate(lines: readonly ShownLine[], rows: number, endsAt: number): string {
  const total = endsAt + REST;
  const width = Math.ceil(Math.max(...lines.map(({ text }) => text.length)) * CHARACTER) + 2 * MARGIN;
  const height = rows * LINE + 2 * MARGIN;
  const shown = lines.filter(({ from, until }) => until === null || until - from > 0.05);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">\n` +
    `<style>text { fill: #d0d7de; white-space: pre; visibility: hidden; }\n${shown.map((line, at) => keyframes(line, at, total)).join('\n')}\n</style>\n` +
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>\n${shown.map(drawn).join('\n')}\n</svg>\n`
  );
}

function keyframes({ from, until }: ShownLine, at: number, total: number): string {
  const percent = (seconds: number): string => ((seconds / total) * 100).toFixed(2);
  const steps = `0% { visibility: hidden } ${percent(from)}% { visibility: visible }${until === null ? '' : ` ${percent(until)}% { visibility: hidden }`}`;
  const end = until === null ? '100% { visibility: visible }' : '100% { visibility: hidden }';
  return `@keyframes l${at} { ${steps} ${end} } .l${at} { animation: l${at} ${total.toFixed(1)}s step-end infinite; }`;
}

const drawn = ({ row, text }: ShownLine, at: number): string =>
  `<text class="l${at}" x="${MARGIN}" y="${MARGIN + row * LINE + 14}">${escaped(text)}</text>`;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
