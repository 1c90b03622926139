/** A task that a test added; `n` is the number in its payload. */
export interface Added {
  readonly n: number;
  /** True if the call resolved. Otherwise it was refused, and the task may be there or not. */
  readonly accepted: boolean;
}

/** The start of a handler, or a recorded outcome as it was reported to a worker or sweeper. */
export interface Seen {
  readonly id: string;
  readonly n: number;
  readonly attempt: number;
}

export interface Told extends Seen {
  readonly outcome: 'succeeded' | 'retried' | 'dead' | 'released' | 'swept' | 'lost';
}

/** A task as it is in the store at the end. */
export interface Final {
  readonly id: string;
  readonly n: number;
  readonly state: string;
  readonly attempt: number;
  readonly failures: number;
  /** The attempt that the result names; undefined without a result. */
  readonly resultOf: number | undefined;
}

/** The record of a run: tasks added, handlers run, outcomes reported, and the final tasks in the store. */
export interface History {
  readonly added: readonly Added[];
  readonly runs: readonly Seen[];
  readonly told: readonly Omit<Told, 'n'>[];
  readonly finals: readonly Final[];
  /** True if processes were killed: an outcome may then have been recorded without being reported. */
  readonly killed?: boolean;
}

/** Returns the violations of the promise in words. */
export const violationsOf = (history: History): string[] =>
  [lost, foreign, unfinished, fences, tellings, failures, explanations].flatMap((check) => check(history));

/** An accepted task is there, once. */
function lost({ added, finals }: History): string[] {
  const copies = countBy(finals, ({ n }) => n);
  return added.flatMap(({ n, accepted }) => {
    const count = copies.get(n) ?? 0;
    if (count > 1) return [`task ${n} is there ${count} times`];
    return accepted && count === 0 ? [`task ${n} is lost`] : [];
  });
}

/** A task that was never added is not there and never ran. */
function foreign({ added, runs, finals }: History): string[] {
  const known = new Set(added.map(({ n }) => n));
  return [...runs, ...finals].filter(({ n }) => !known.has(n)).map(({ n }) => `task ${n} was never added`);
}

function unfinished({ finals }: History): string[] {
  return finals.filter(({ state }) => state !== 'succeeded').map(({ n, state }) => `task ${n} is ${state}`);
}

/** No two runs have the same attempt number, because other systems use it as a fence. */
function fences({ runs }: History): string[] {
  return twice(runs.map(({ n, attempt }) => `attempt ${attempt} of task ${n}`)).map((which) => `${which} ran twice`);
}

/** Each outcome is reported once and matches the store. */
function tellings({ told, finals, killed = false }: History): string[] {
  // A lost lease says nothing about the outcome: the sweep that took it reports it as well.
  const outcomes = told.filter(({ outcome }) => outcome !== 'lost');
  const faults = twice(outcomes.map(({ id, attempt }) => `attempt ${attempt} of ${id}`)).map((which) => `the outcome of ${which} was told twice`);
  const successes = groupOf(told.filter(({ outcome }) => outcome === 'succeeded'));
  for (const { id, n, state, attempt, resultOf } of finals) {
    const attempts = (successes.get(id) ?? []).map((success) => success.attempt);
    if (attempts.length > 1) faults.push(`the success of task ${n} was told ${attempts.length} times`);
    if (attempts.some((known) => known !== attempt || known !== resultOf)) faults.push(`task ${n} has another outcome than was told`);
    if (state === 'succeeded' && attempts.length === 0 && !killed) faults.push(`the success of task ${n} was never told`);
  }
  return faults;
}

/**
 * A failure is counted once. If its answer was lost and another worker has run the task since, its worker sees a lost lease, because the store
 * remembers only the last writer.
 */
function failures({ told, finals, killed = false }: History): string[] {
  if (killed) return [];
  const lostLeases = countBy(
    told.filter(({ outcome }) => outcome === 'lost'),
    ({ id }) => id,
  );
  const failed = countBy(
    told.filter(({ outcome }) => outcome === 'retried' || outcome === 'dead' || outcome === 'swept'),
    ({ id }) => id,
  );
  return finals
    .filter(({ id, failures: count }) => {
      const known = failed.get(id) ?? 0;
      return count < known || count > known + (lostLeases.get(id) ?? 0);
    })
    .map(({ id, n, failures: count }) => `task ${n} has ${count} failures, and ${failed.get(id) ?? 0} were told`);
}

/** A task ran at least once, and again only after a failure, an expired lease or a release. */
function explanations({ runs, told, finals }: History): string[] {
  const ran = countBy(runs, ({ n }) => n);
  const releases = countBy(
    told.filter(({ outcome }) => outcome === 'released'),
    ({ id }) => id,
  );
  return finals.flatMap(({ id, n, state, failures: count }) => {
    const times = ran.get(n) ?? 0;
    if (times === 0 && state === 'succeeded') return [`task ${n} succeeded and never ran`];
    return times > 1 + count + (releases.get(id) ?? 0) ? [`task ${n} ran ${times} times, with ${count} failures`] : [];
  });
}

function countBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, number> {
  const counts = new Map<K, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

function groupOf<T extends { readonly id: string }>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(item.id, [...(groups.get(item.id) ?? []), item]);
  return groups;
}

const twice = (names: readonly string[]): string[] => [...countBy(names, (name) => name)].filter(([, count]) => count > 1).map(([name]) => name);
