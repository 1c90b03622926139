/**
 * The schema as a list of changes. Each brings a file of the version that is its index to the next one; `PRAGMA user_version` counts them.
 *
 * A released change stays as it is; a change to the schema is one more entry. An older release may still have the file open while a newer one
 * changes it, so a change adds, and takes nothing away that the version before reads or writes.
 */
export const SQLITE_MIGRATIONS: readonly string[] = [
  // 1: `seq` keeps the order of insertion within a priority; a partial index costs nothing for the tasks that it leaves out.
  `
    CREATE TABLE IF NOT EXISTS tasks (
      seq INTEGER PRIMARY KEY,
      id BLOB NOT NULL UNIQUE,
      queue TEXT NOT NULL,
      name TEXT NOT NULL,
      payload TEXT NOT NULL,
      state TEXT NOT NULL,
      priority INTEGER NOT NULL,
      attempt INTEGER NOT NULL DEFAULT 0,
      failures INTEGER NOT NULL DEFAULT 0,
      max_retries INTEGER NOT NULL,
      suspect INTEGER NOT NULL DEFAULT 0,
      rev INTEGER NOT NULL DEFAULT 0,
      available_at INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      finished_at INTEGER,
      expire_at INTEGER,
      unique_key TEXT,
      own_lease_ms INTEGER,
      settings TEXT,
      lease_token TEXT,
      lease_worker TEXT,
      lease_expires_at INTEGER,
      lease_ms INTEGER,
      lease_alone INTEGER NOT NULL DEFAULT 0,
      settled_by TEXT,
      result TEXT,
      error TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS tasks_claim ON tasks (queue, priority, available_at) WHERE state = 'waiting' AND suspect = 0;
    CREATE INDEX IF NOT EXISTS tasks_suspect ON tasks (queue, priority, available_at) WHERE state = 'waiting' AND suspect = 1;
    CREATE INDEX IF NOT EXISTS tasks_lease ON tasks (lease_expires_at) WHERE state = 'running';
    CREATE INDEX IF NOT EXISTS tasks_expiry ON tasks (expire_at) WHERE expire_at IS NOT NULL;
    CREATE UNIQUE INDEX IF NOT EXISTS tasks_unique ON tasks (queue, unique_key)
      WHERE unique_key IS NOT NULL AND state IN ('waiting', 'running');
    CREATE TABLE IF NOT EXISTS queues (
      name TEXT PRIMARY KEY,
      paused INTEGER NOT NULL
    ) STRICT;
  `,
  // 2: what a handler tells of its task, and what is kept of its attempts.
  `
    ALTER TABLE tasks ADD COLUMN progress TEXT;
    ALTER TABLE tasks ADD COLUMN history TEXT;
  `,
  // 3: schedules, with what is looked for in columns and the rest as JSON text.
  `
    CREATE TABLE IF NOT EXISTS schedules (
      id TEXT PRIMARY KEY,
      rev INTEGER NOT NULL,
      declared INTEGER NOT NULL,
      wake_at INTEGER,
      body TEXT NOT NULL,
      last_task_id TEXT,
      outcome_task_id TEXT,
      outcome_state TEXT,
      outcome_at INTEGER
    ) STRICT;
    CREATE INDEX IF NOT EXISTS schedules_wake ON schedules (wake_at) WHERE wake_at IS NOT NULL;
    CREATE INDEX IF NOT EXISTS schedules_last_task ON schedules (last_task_id) WHERE last_task_id IS NOT NULL;
  `,
  // 4: the namespace of a schedule, which is the prefix of its id. As a generated column it is right for what an older release stores as well.
  `
    ALTER TABLE schedules ADD COLUMN namespace TEXT GENERATED ALWAYS AS (substr(id, 1, max(instr(id, char(31)) - 1, 0))) VIRTUAL;
    CREATE INDEX IF NOT EXISTS schedules_due ON schedules (namespace, wake_at) WHERE wake_at IS NOT NULL;
  `,
];
