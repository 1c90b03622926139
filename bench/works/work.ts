import type { Client, System } from '../systems/system';
import type { ServerKind } from '../servers/server';

/** One measurement, as the process that makes it is told. */
export interface Measurement {
  readonly work: string;
  readonly system: string;
  readonly url: string;
  readonly tasks: number;
  readonly maxConcurrency: number;
  readonly quick: boolean;
  /** The number of runs that share the store. The store is filled accordingly. */
  readonly runs: number;
  /** Fills a store that all runs of a work share, and measures nothing. */
  readonly prepare: boolean;
}

/** The cost of a run for the server, for each task. */
export type Cost = Readonly<Record<string, number>>;

/** One figure of a run; a work may have several. */
export interface Reading {
  readonly name: string;
  readonly unit: 'tasks/s' | 'ms' | 'MB' | 'ratio' | 'ops/s' | '% of a core';
  readonly value: number;
  readonly cost?: Cost;
}

/** A measurement with the system opened. */
export interface Stage extends Measurement {
  readonly subject: System;
  readonly client: Client;
}

/** One kind of measured work. */
export interface Work {
  readonly name: string;
  readonly meaning: string;
  /** The same for every system; else each has its own, and Holdfast 2,000. */
  readonly maxConcurrency?: number;
  /** Tasks of a run, where nothing else is asked for. */
  readonly tasks?: number;
  /** Runs that count, where five take too long. */
  readonly runs?: number;
  /** The systems that it is for; all that can do it where it is left out. */
  readonly systems?: readonly string[];
  /** Another server than that of the system. */
  readonly server?: ServerKind;
  /** A part of `--quick`, and its place there: what comes first is measured in any case. */
  readonly quickPlace?: number;
  /** Fills the store that all of its runs share. */
  prepare?(stage: Stage): Promise<void>;
  measure(stage: Stage): Promise<readonly Reading[]>;
}

export const HOLDFASTS: readonly string[] = ['holdfast-sqlite', 'holdfast-mongodb'];

/** Milliseconds since the epoch, finer than Date.now and the same in every process. */
export const instant = (): number => performance.timeOrigin + performance.now();

/** The number of tasks a second. */
export const perSecond = (tasks: number, ms: number): number => (tasks / ms) * 1_000;

/** The value under which such a part of the values lie, from 0 to 1. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The three that a distribution is told by. */
export const latencies = (name: string, values: readonly number[]): Reading[] =>
  [0.5, 0.95, 0.99].map((part) => ({ name: `${name} p${part * 100}`, unit: 'ms', value: quantile(values, part) }));
