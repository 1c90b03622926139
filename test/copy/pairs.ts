import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The URLs of two stores, fresh for each test. */
export interface Pair {
  readonly from: string;
  readonly to: string;
}

/** Provides a fresh SQLite file for each test. */
export function forSqliteFile(define: (url: () => string) => void): void {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-copy-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  define(() => `sqlite:${join(folder, 'tasks.db')}`);
}
