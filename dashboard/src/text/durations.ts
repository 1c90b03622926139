const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const pair = (ms: number, large: number, small: number, names: string): string => {
  const [first, second] = names.split(' ');
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)} ${first as string}${rest === 0 ? '' : ` ${rest} ${second as string}`}`;
};

/** Writes a length of time: 12 ms, 1.4 s, 3 min 5 s, 2 h 10 min. */
export function durationText(ms: number): string {
  if (ms < 10) return `${Number(ms.toFixed(1))} ms`;
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${Number((ms / SECOND).toFixed(ms < 10 * SECOND ? 1 : 0))} s`;
  if (ms < HOUR) return pair(ms, MINUTE, SECOND, 'min s');
  return ms < DAY ? pair(ms, HOUR, MINUTE, 'h min') : pair(ms, DAY, HOUR, 'd h');
}

const STEPS: readonly (readonly [number, string])[] = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'min'],
  [SECOND, 's'],
];

/** Writes how far off an instant is: 5 s ago, in 3 h. */
export function relativeText(atMs: number, nowMs: number): string {
  const away = Math.abs(nowMs - atMs);
  const [size, name] = STEPS.find(([step]) => away >= step) ?? [SECOND, 's'];
  if (away < SECOND) return 'now';
  const text = `${Math.floor(away / size)} ${name}`;
  return atMs > nowMs ? `in ${text}` : `${text} ago`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Writes an instant exactly, in UTC or in the zone of the browser. */
export function exactText(atMs: number, zone: 'utc' | 'local'): string {
  const at = new Date(atMs);
  if (zone === 'utc') return `${at.toISOString().replace('T', ' ').replace('Z', '')} UTC`;
  const offset = -at.getTimezoneOffset();
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
  return `${day} ${time} ${offset < 0 ? '−' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
}

/** Writes the time of day, as a chart shows it. */
export const clockText = (atMs: number, zone: 'utc' | 'local'): string => exactText(atMs, zone).slice(11, 16);
