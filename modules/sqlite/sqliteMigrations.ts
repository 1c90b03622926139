/** The prefix of the names in the statements, in place of which a store may have another. */
export const NAMED_PREFIX = 'holdfast_';

/** The tables, without their prefix. */
export const SQLITE_TABLES = [
  'tasks',
  'queues',
  'schedules',
  'attendance',
  'records',
  'follow_ups',
  'steps',
  'signals',
  'fifo',
  'fifo_groups',
  'fifo_sent',
  'meta',
] as const;

/** The row that marks a table `meta` as one of Holdfast's. */
export const SCHEMA_KEY = 'holdfast schema';

/**
 * The schema as a list of changes. Each brings a file of the version that is its index to the next one; the table `meta` counts them.
 *
 * A released change stays as it is; a change to the schema is one more entry. An older release may still have the file open while a newer one
 * changes it, so a change adds, and takes nothing away that the version before reads or writes.
 */
export const SQLITE_MIGRATIONS: readonly string[] = [
  // 1: `seq` keeps the order of insertion within a priority; a partial index costs nothing for the tasks that it leaves out. A schedule has columns
  // for what is looked for, and the rest as JSON text; its namespace is the prefix of its id.
  `
    CREATE TABLE holdfast_tasks (
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
      lease_extended_ms INTEGER NOT NULL DEFAULT 0,
      lease_timed_out INTEGER NOT NULL DEFAULT 0,
      lease_beside INTEGER NOT NULL DEFAULT 0,
      settled_by TEXT,
      result TEXT,
      error TEXT,
      progress TEXT,
      history TEXT
    ) STRICT;
    CREATE INDEX holdfast_tasks_claim ON holdfast_tasks (queue, priority, available_at) WHERE state = 'waiting' AND suspect = 0;
    CREATE INDEX holdfast_tasks_suspect ON holdfast_tasks (queue, priority, available_at) WHERE state = 'waiting' AND suspect = 1;
    CREATE INDEX holdfast_tasks_lease ON holdfast_tasks (lease_expires_at) WHERE state = 'running';
    CREATE INDEX holdfast_tasks_expiry ON holdfast_tasks (expire_at) WHERE expire_at IS NOT NULL;
    CREATE UNIQUE INDEX holdfast_tasks_unique ON holdfast_tasks (queue, unique_key)
      WHERE unique_key IS NOT NULL AND state IN ('waiting', 'running');
    CREATE TABLE holdfast_queues (
      name TEXT PRIMARY KEY,
      paused INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE holdfast_schedules (
      id TEXT PRIMARY KEY,
      rev INTEGER NOT NULL,
      declared INTEGER NOT NULL,
      wake_at INTEGER,
      body TEXT NOT NULL,
      last_task_id TEXT,
      outcome_task_id TEXT,
      outcome_state TEXT,
      outcome_at INTEGER,
      namespace TEXT GENERATED ALWAYS AS (substr(id, 1, max(instr(id, char(31)) - 1, 0))) VIRTUAL
    ) STRICT;
    CREATE INDEX holdfast_schedules_due ON holdfast_schedules (namespace, declared, wake_at) WHERE wake_at IS NOT NULL;
    CREATE INDEX holdfast_schedules_last_task ON holdfast_schedules (last_task_id) WHERE last_task_id IS NOT NULL;
    CREATE TABLE holdfast_records (
      id TEXT PRIMARY KEY,
      value TEXT NOT NULL,
      rev INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      changed_at INTEGER NOT NULL,
      expire_at INTEGER
    ) STRICT;
    CREATE INDEX holdfast_records_expiry ON holdfast_records (expire_at) WHERE expire_at IS NOT NULL;
    CREATE TABLE holdfast_attendance (
      name TEXT PRIMARY KEY,
      looked_at INTEGER NOT NULL,
      away_from INTEGER,
      away_to INTEGER
    ) STRICT;
  `,
  // 2: finished tasks by state and queue, newest first. One index with a condition that is cheap to test: one for each state costs a drain a tenth of
  // its processor time. With the time that the condition reads, the index alone is enough for a count. The queue in the index of leases lets one
  // queue's running tasks be counted without a look at the table.
  `
    CREATE INDEX holdfast_tasks_finished ON holdfast_tasks (state, queue, id, finished_at) WHERE finished_at IS NOT NULL;
    DROP INDEX holdfast_tasks_lease;
    CREATE INDEX holdfast_tasks_lease ON holdfast_tasks (lease_expires_at, queue) WHERE state = 'running';
  `,
  // The follow-ups of succeeded tasks that are not in their queues yet, by the place of the task. A table of their own costs other tasks no byte.
  `
    CREATE TABLE holdfast_follow_ups (
      task INTEGER PRIMARY KEY,
      body TEXT NOT NULL
    ) STRICT;
  `,
  // Durable steps and signals. They have tables of their own, so that a task without them has no byte more. `awaited` is the attempt that suspended
  // on an open wait; `signal` names the one that a wait took.
  `
    CREATE TABLE holdfast_steps (
      task BLOB NOT NULL,
      at INTEGER NOT NULL,
      name TEXT NOT NULL,
      kind TEXT NOT NULL,
      value TEXT,
      until INTEGER,
      awaited INTEGER,
      signal TEXT,
      PRIMARY KEY (task, at)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE holdfast_signals (
      seq INTEGER PRIMARY KEY,
      task BLOB NOT NULL,
      id TEXT NOT NULL,
      name TEXT NOT NULL,
      payload TEXT NOT NULL
    ) STRICT;
    CREATE INDEX holdfast_signals_task ON holdfast_signals (task, name, seq);
  `,
  // Tasks by the group of their last failure. The group is part of the error, so a task that has not failed costs neither a byte nor a key.
  `
    CREATE INDEX holdfast_tasks_failure ON holdfast_tasks (queue, json_extract(error, '$.group'), id) WHERE error IS NOT NULL;
  `,
  // FIFO queues, in tables of their own: a task has no byte more. `visible_at` is the end of a delay or of a lease. A group has a row for as long as it
  // has messages; `ready_at` is when its first one can be claimed, so that a locked group is behind those that are ready, whatever waits in it.
  `
    CREATE TABLE holdfast_fifo (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      id BLOB NOT NULL UNIQUE,
      queue TEXT NOT NULL,
      grp TEXT NOT NULL,
      payload TEXT NOT NULL,
      settings TEXT,
      attempt INTEGER NOT NULL DEFAULT 0,
      created_at INTEGER NOT NULL,
      visible_at INTEGER NOT NULL,
      token TEXT,
      lease_ms INTEGER
    ) STRICT;
    CREATE INDEX holdfast_fifo_group ON holdfast_fifo (queue, grp, seq);
    CREATE INDEX holdfast_fifo_age ON holdfast_fifo (queue, created_at);
    CREATE INDEX holdfast_fifo_held ON holdfast_fifo (queue, grp, visible_at) WHERE token IS NOT NULL;
    CREATE TABLE holdfast_fifo_groups (
      queue TEXT NOT NULL,
      grp TEXT NOT NULL,
      ready_at INTEGER NOT NULL,
      PRIMARY KEY (queue, grp)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX holdfast_fifo_groups_ready ON holdfast_fifo_groups (queue, ready_at);
    CREATE TABLE holdfast_fifo_sent (
      queue TEXT NOT NULL,
      once TEXT NOT NULL,
      id BLOB NOT NULL,
      seq INTEGER NOT NULL,
      until INTEGER NOT NULL,
      PRIMARY KEY (queue, once)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX holdfast_fifo_sent_until ON holdfast_fifo_sent (until);
  `,
];

/** Statements about the version of the schema. */
export const META_STATEMENTS = {
  tables: (schema: string) => `SELECT name FROM ${schema}.sqlite_master WHERE lower(name) IN (${SQLITE_TABLES.map(() => 'lower(?)').join(', ')})`,
  create: 'CREATE TABLE holdfast_meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT',
  version: 'SELECT value FROM holdfast_meta WHERE key = ?',
  setVersion: 'INSERT INTO holdfast_meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
} as const;

/** Names the database in which the tables and indexes of a change are made or dropped. */
export const createdIn = (schema: string, sql: string): string => sql.replaceAll(/(CREATE|DROP) (TABLE|(?:UNIQUE )?INDEX) /g, `$1 $2 ${schema}.`);
