import { ANSWER_BYTES } from '../../constants/limits';
import type { TaskState } from '../../constants/states';
import type { Namespace } from '../../modules/ports/namespace';
import type { Part } from '../../modules/ports/taskStore';
import { countWithin } from '../../modules/sqlite/countWithin';
import type { SizedRow } from '../../modules/sqlite/countWithin';
import { sizesStatement } from '../../modules/sqlite/listSql';
import type { Statement } from '../../modules/sqlite/sqliteBulk';
import { readStatement } from '../../modules/sqlite/sqliteSchema';
import { headsOfRows, tasksOfRows } from '../../modules/sqlite/taskRows';
import type { TaskRow } from '../../modules/sqlite/taskRows';
import type { Task } from '../../modules/task/task';
import { uuidOf } from '../../modules/task/uuidBytes';
import type { Clock } from '../../modules/time/clock';
import { turnOfLoop } from '../../modules/time/inTurns';
import { chunksOf } from '../../modules/values/chunksOf';
import type { SqliteConnection } from './sqliteConnection';

/** Tasks that are read in one turn of the event loop: a hundred small ones take some two milliseconds. */
const READ_TASKS = 100;

/** A task that belongs on a page, if it is new enough. */
export interface PlacedTask {
  readonly seq: number;
  readonly id: string;
}

/** A task of a page, with its id as the file has it. */
type SizedTask = SizedRow & { readonly id: Uint8Array };

/** The tasks of a page, and the id of the last one if the answer had no room for all. */
export interface TasksRead {
  readonly tasks: Task[];
  readonly cutAt: string | null;
}

/** Reads the tasks of a page a few at a time, so that no page holds up the process, and no more than an answer holds. */
export class SqliteReading {
  readonly #connection: SqliteConnection;
  readonly #namespace: Namespace;
  readonly #clock: Clock;

  constructor(connection: SqliteConnection, namespace: Namespace, clock: Clock) {
    this.#connection = connection;
    this.#namespace = namespace;
    this.#clock = clock;
  }

  /** Reads tasks newest first. One that has left these states meanwhile is left out. */
  async read(rows: readonly PlacedTask[], states: readonly TaskState[], part: Part | undefined): Promise<TasksRead> {
    const sized = rows.length === 0 ? [] : await this.#connection.read(() => this.#sized(rows, part));
    const fitting = sized.slice(0, countWithin(sized, ANSWER_BYTES));
    const tasks: Task[] = [];
    for (const some of chunksOf(fitting, READ_TASKS)) {
      if (tasks.length > 0) await turnOfLoop(this.#clock);
      tasks.push(...(await this.#some(some, part)).filter(({ state }) => states.includes(state)));
    }
    const last = fitting.length < sized.length ? fitting.at(-1) : undefined;
    return { tasks, cutAt: last ? uuidOf(last.id) : null };
  }

  #sized(rows: readonly PlacedTask[], part: Part | undefined): SizedTask[] {
    const places = rows.map(({ seq }) => seq);
    return this.all<SizedTask>(sizesStatement(part, places));
  }

  async #some(rows: readonly SizedRow[], part: Part | undefined): Promise<Task[]> {
    const places = JSON.stringify(rows.map(({ seq }) => seq));
    const read = await this.#connection.read(() => this.all<TaskRow>({ sql: readStatement(part, 'DESC'), parameters: [places] }));
    return part ? (headsOfRows(read, this.#namespace) as Task[]) : tasksOfRows(read, this.#namespace);
  }

  all<Row>({ sql, parameters }: Statement): Row[] {
    const rows: unknown = this.#connection.prepare(sql).all(...parameters);
    return rows as Row[];
  }
}
