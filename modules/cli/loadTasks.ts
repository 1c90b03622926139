import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HoldfastError } from '../errors/holdfastError';
import { isRecord } from '../values/isRecord';

/** What a module of tasks may export. */
export interface LoadedTasks {
  readonly handlers: Readonly<Record<string, unknown>>;
  readonly events: readonly unknown[];
  readonly queues: readonly string[] | undefined;
}

/**
 * Loads the module that has the handlers of a worker: a file, or a package that the program at hand has installed.
 *
 * @throws HOLDFAST_OPTION_INVALID if there is none, or if it exports neither handlers nor events. What the module itself throws is thrown.
 */
export async function loadTasks(name: string): Promise<LoadedTasks> {
  const loaded = (await import(pathToFileURL(findModule(name)).href)) as Readonly<Record<string, unknown>>;
  // A CommonJS module has its exports in `default`, and maybe only there.
  const { handlers = {}, events = [], queues } = { ...(isRecord(loaded['default']) ? loaded['default'] : {}), ...loaded } as Partial<LoadedTasks>;
  if (!isRecord(handlers) || !Array.isArray(events) || Object.keys(handlers).length + events.length === 0) throw unfit(name, FORM);
  return { handlers, events, queues };
}

const FORM = 'a module that exports `handlers`, an object of functions by task name, or `events`, an array of what defineEvent returned';

function findModule(name: string): string {
  const file = resolve(name);
  if (existsSync(file)) return createRequire(file).resolve(file);
  try {
    return createRequire(resolve('package.json')).resolve(name);
  } catch {
    throw unfit(name, 'a file, or a package that is installed here');
  }
}

const unfit = (got: string, expected: string): HoldfastError => new HoldfastError('HOLDFAST_OPTION_INVALID', { field: '--require', expected, got });
