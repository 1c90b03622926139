import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { pipeline } from 'node:stream/promises';
import type { TaskContext } from '../classes/taskContext';
import { PermanentError } from './handlerErrors';

/** The payloads of the demo tasks by kind. */
export interface DemoTasks {
  checksum: { readonly path: string };
  flaky: { readonly failureRate: number };
  slow: { readonly durationMs: number };
  crash: Record<string, never>;
  poison: Record<string, never>;
}

/** The handlers of the demo tasks. */
export const demoHandlers = {
  /** The SHA-256 of a file; its result is kept with the task. */
  checksum: async ({ payload, signal }: TaskContext<DemoTasks['checksum']>) => {
    const hash = createHash('sha256');
    await pipeline(createReadStream(payload.path), hash, { signal }).catch(rejectMissingFile);
    return { path: payload.path, sha256: hash.digest('hex') };
  },

  /** Fails at a rate. */
  flaky: ({ payload }: TaskContext<DemoTasks['flaky']>) => {
    if (Math.random() < payload.failureRate) throw new Error('this one failed by chance');
  },

  /** Waits. */
  slow: async ({ payload, signal }: TaskContext<DemoTasks['slow']>) => {
    await wait(payload.durationMs, undefined, { signal });
  },

  /** Kills its process, as a crash of native code would. */
  crash: () => {
    process.kill(process.pid, 'SIGKILL');
  },

  /** Fails every time. */
  poison: () => {
    throw new Error('this one always fails');
  },
};

function rejectMissingFile(error: NodeJS.ErrnoException): never {
  if (error.code === 'ENOENT' || error.code === 'EISDIR') throw new PermanentError('the file is not there any more', { cause: error });
  throw error;
}
