import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { pipeline } from 'node:stream/promises';
import type { TaskContext } from '../worker/taskContext';
import { PermanentError } from '../task/handlerErrors';

/** Payloads of the demo tasks by kind. */
export interface DemoTasks {
  checksum: { readonly path: string };
  flaky: { readonly failureRate: number };
  slow: { readonly durationMs: number };
  crash: Record<string, never>;
  poison: Record<string, never>;
}

/** Handlers of the demo tasks. */
export const demoHandlers = {
  /** Computes the SHA-256 of a file, which is kept as the result. */
  checksum: async ({ payload, signal }: TaskContext<DemoTasks['checksum']>) => {
    await checkIsFile(payload.path);
    const hash = createHash('sha256');
    await pipeline(createReadStream(payload.path), hash, { signal });
    return { path: payload.path, sha256: hash.digest('hex') };
  },

  /** Fails in a given share of attempts. */
  flaky: ({ payload }: TaskContext<DemoTasks['flaky']>) => {
    if (Math.random() < payload.failureRate) throw new Error('this one failed by chance');
  },

  /** Waits for a given time. */
  slow: async ({ payload, signal }: TaskContext<DemoTasks['slow']>) => {
    await wait(payload.durationMs, undefined, { signal });
  },

  /** Kills the process, like a crash of native code. */
  crash: () => {
    process.kill(process.pid, 'SIGKILL');
  },

  /** Fails every time. */
  poison: () => {
    throw new Error('this one always fails');
  },
};

/** Refuses a path that is no file: a deleted file does not come back, and opening a pipe without a writer would hang. */
async function checkIsFile(path: string): Promise<void> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? null : Promise.reject(error)));
  if (!found?.isFile()) throw new PermanentError('there is no file of this name');
}
