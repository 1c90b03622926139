import { DAY, HOUR, MINUTE, SECOND } from '../../constants/limits';

const UNITS: readonly (readonly [ms: number, unit: string])[] = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'min'],
  [SECOND, 's'],
];

/** Returns a duration for a reader: the largest unit of which there are at least one and a half, rounded. */
export function shownDuration(ms: number): string {
  if (ms < 10 * SECOND) return ms < SECOND ? `${Math.round(ms)} ms` : `${(ms / SECOND).toFixed(1)} s`;
  const [unitMs, unit] = UNITS.find(([size]) => ms >= 1.5 * size) ?? [SECOND, 's'];
  return `${Math.round(ms / unitMs)} ${unit}`;
}

/** Returns an instant as its distance from now. What is not known is empty. */
export function shownInstant(at: string | null | undefined, nowMs: number): string {
  if (at === null || at === undefined) return '';
  const ms = nowMs - Date.parse(at);
  if (Math.abs(ms) < SECOND) return 'now';
  return ms > 0 ? `${wholeSeconds(ms)} ago` : `in ${wholeSeconds(-ms)}`;
}

const wholeSeconds = (ms: number): string => shownDuration(ms < 10 * SECOND ? Math.round(ms / SECOND) * SECOND : ms).replace('.0', '');
