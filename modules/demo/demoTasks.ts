import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { TaskSpec } from '../task/taskSpec';
import type { DemoKind, SeedOptions } from '../../config/demoOptions';
import type { DemoTasks } from './demoHandlers';
import { HoldfastError } from '../errors/holdfastError';

/** Folders without sources. */
const SKIPPED = new Set(['node_modules', 'build', 'coverage', 'data', '.git', '.nyc_output']);

const SLOW_MIN_MS = 100;
const SLOW_MAX_MS = 500;

/**
 * Generates demo tasks of the given kinds in turn.
 *
 * @throws HOLDFAST_OPTION_INVALID if checksum tasks are wanted and the folder has no files.
 */
export async function* demoTasks({ count, kinds, path, failureRate }: SeedOptions): AsyncGenerator<TaskSpec<DemoTasks>> {
  const files = kinds.includes('checksum') ? await filesUnder(resolve(path)) : [];
  const make: Record<DemoKind, (turn: number) => TaskSpec<DemoTasks>> = {
    checksum: (turn) => ({ name: 'checksum', payload: { path: files[turn % files.length] ?? '' } }),
    flaky: () => ({ name: 'flaky', payload: { failureRate } }),
    slow: () => ({ name: 'slow', payload: { durationMs: Math.round(SLOW_MIN_MS + Math.random() * (SLOW_MAX_MS - SLOW_MIN_MS)) } }),
    crash: () => ({ name: 'crash', payload: {} }),
    poison: () => ({ name: 'poison', payload: {} }),
  };
  for (let index = 0; index < count; index += 1) {
    const kind = kinds[index % kinds.length] as DemoKind;
    yield make[kind](Math.floor(index / kinds.length));
  }
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const wanted = files
    .filter(
      (file) =>
        !file
          .slice(folder.length)
          .split(/[\\/]/)
          .some((part) => SKIPPED.has(part)),
    )
    .sort();
  if (wanted.length === 0) throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'seed.path', expected: 'a folder that holds files' });
  return wanted;
}
