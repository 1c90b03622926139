import { median } from './works/work';
import type { Cost, Reading } from './works/work';

/** One figure of one work on one system: median, minimum and maximum of its runs. */
export interface Row {
  readonly work: string;
  readonly system: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
  readonly maxConcurrency: number;
  /** Median cost of a task for the server. */
  readonly cost?: Cost;
}

/** Four digits: more would be noise. */
export const round = (value: number): number => Number(value.toPrecision(4));

/** Makes a row for each name from the readings of all runs. */
export function rowsOf(system: string, maxConcurrency: number, runs: readonly (readonly Reading[])[]): Row[] {
  return (runs[0] ?? []).map(({ name, unit }) => {
    const readings = runs.flatMap((run) => run.filter((reading) => reading.name === name));
    const values = readings.map(({ value }) => value);
    const cost = costOf(readings);
    return {
      work: name,
      system,
      unit,
      median: round(median(values)),
      min: round(Math.min(...values)),
      max: round(Math.max(...values)),
      runs: values.length,
      maxConcurrency,
      ...(cost ? { cost } : {}),
    };
  });
}

function costOf(readings: readonly Reading[]): Cost | undefined {
  const names = Object.keys(readings[0]?.cost ?? {});
  if (names.length === 0) return undefined;
  return Object.fromEntries(names.map((name) => [name, round(median(readings.map(({ cost }) => cost?.[name] ?? NaN)))]));
}
