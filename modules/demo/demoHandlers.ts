import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { pipeline } from 'node:stream/promises';
import type { TaskContext } from '../worker/taskContext';
import { PermanentError } from '../task/handlerErrors';

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
    await checkIsFile(payload.path);
    const hash = createHash('sha256');
    await pipeline(createReadStream(payload.path), hash, { signal });
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

/** What is gone will not come back; and to open a pipe that nobody writes to would never end. */
async function checkIsFile(path: string): Promise<void> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? null : Promise.reject(error)));
  if (!found?.isFile()) throw new PermanentError('there is no file of this name');
}
