import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { TaskContext } from '../../modules/worker/taskContext';
import { demoHandlers } from '../../modules/demo/demoHandlers';
import type { DemoTasks } from '../../modules/demo/demoHandlers';
import { PermanentError } from '../../modules/task/handlerErrors';

const checksumOf = (path: string): Promise<unknown> =>
  demoHandlers
    .checksum({ payload: { path }, signal: new AbortController().signal } as unknown as TaskContext<DemoTasks['checksum']>)
    .catch((thrown: unknown) => thrown);

describe('A checksum', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'holdfast-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('of a file that is gone fails for good', async () => expect(await checksumOf(join(folder, 'gone'))).to.be.instanceOf(PermanentError));

  it('of a folder fails for good', async () => expect(await checksumOf(folder)).to.be.instanceOf(PermanentError));

  it('of a pipe fails for good: to open one that nobody writes to would never end', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(await checksumOf(pipe)).to.be.instanceOf(PermanentError);
  });
});
