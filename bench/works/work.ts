import type { Client, System } from '../systems/system';
import type { ServerKind } from '../servers/server';

/** One measurement, as its process receives it. */
export interface Measurement {
  readonly work: string;
  readonly system: string;
  readonly url: string;
  readonly tasks: number;
  readonly maxConcurrency: number;
  readonly quick: boolean;
  /** Number of runs that share the store, which is filled accordingly. */
  readonly runs: number;
  /** True to fill the store that all runs share, and to measure nothing. */
  readonly prepare: boolean;
}

/** The cost of a task for the server. */
export type Cost = Readonly<Record<string, number>>;

/** One figure of a run. A work may have several. */
export interface Reading {
  readonly name: string;
  readonly unit: 'tasks/s' | 'steps/s' | 'messages/s' | 'ms' | 'MB' | 'ratio' | 'ops/s' | '% of a core' | '%';
  readonly value: number;
  readonly cost?: Cost;
}

/** A measurement with its system opened. */
export interface Stage extends Measurement {
  readonly subject: System;
  readonly client: Client;
}

/** A kind of measurement. */
export interface Work {
  readonly name: string;
  readonly meaning: string;
  /** The same for every system; by default each has its own, and Holdfast 2,000. */
  readonly maxConcurrency?: number;
  /** Default number of tasks in a run. */
  readonly tasks?: number;
  /** Number of runs that count, if five take too long. */
  readonly runs?: number;
  /** The systems to measure; by default all that support the work. */
  readonly systems?: readonly string[];
  /** A server other than that of the system. */
  readonly server?: ServerKind;
  /** Its place in `--quick`, if it is part of it. The first places are measured in any case. */
  readonly quickPlace?: number;
  /** Fills the store that all runs share. */
  prepare?(stage: Stage): Promise<void>;
  measure(stage: Stage): Promise<readonly Reading[]>;
}

export const HOLDFASTS: readonly string[] = ['holdfast-sqlite', 'holdfast-mongodb'];

/** Milliseconds since the epoch, finer than Date.now and the same in every process. */
export const instant = (): number => performance.timeOrigin + performance.now();

export const perSecond = (tasks: number, ms: number): number => (tasks / ms) * 1_000;

/** Returns the value below which this part of the values lies, from 0 to 1. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Returns the three quantiles that describe a distribution. */
export const latencies = (name: string, values: readonly number[]): Reading[] =>
  [0.5, 0.95, 0.99].map((part) => ({ name: `${name} p${part * 100}`, unit: 'ms', value: quantile(values, part) }));
