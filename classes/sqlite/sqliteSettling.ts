import { FOLLOW_UP_STATEMENTS } from '../../modules/sqlite/sqliteFollowUps';
import { settleStatement, SQLITE_STATEMENTS } from '../../modules/sqlite/sqliteSchema';
import { STEP_STATEMENTS } from '../../modules/sqlite/sqliteSteps';
import { changeParameters, guardParameters, planSettle } from '../../modules/sqlite/sqliteSettle';
import type { BulkSettle } from '../../modules/sqlite/sqliteSettle';
import type { SettleAnswer, Settlement } from '../../modules/ports/taskStore';
import { changeShape } from '../../modules/task/changeShape';
import { uuidBytes } from '../../modules/task/uuidBytes';
import { NOT_UNIQUE } from '../../modules/sqlite/sqliteErrors';
import { roundsOf } from '../../modules/values/roundsOf';
import type { SqliteConnection } from './sqliteConnection';

/** The settling of SQLite, inside of a transaction: one statement for outcomes that are alike. */
export class SqliteSettling {
  readonly #connection: Pick<SqliteConnection, 'prepare'>;

  constructor(connection: Pick<SqliteConnection, 'prepare'>) {
    this.#connection = connection;
  }

  /** Applies each change whose guard holds, and answers for each in order. Settlements of one task are applied one after the other. */
  settle(settlements: readonly Settlement[], nowMs: number): SettleAnswer[] {
    const rounds = roundsOf(settlements);
    if (rounds.length === 1) return this.#settleRound(settlements, nowMs);
    const answers = new Map<Settlement, SettleAnswer>();
    for (const round of rounds) this.#settleRound(round, nowMs).forEach((answer, index) => answers.set(round[index] as Settlement, answer));
    return settlements.map((settlement) => answers.get(settlement) as SettleAnswer);
  }

  /** Applies settlements of which no two name one task. */
  #settleRound(settlements: readonly Settlement[], nowMs: number): SettleAnswer[] {
    const { bulks, singles } = planSettle(settlements, nowMs);
    const answers = new Array<SettleAnswer>(settlements.length);
    for (const bulk of bulks) this.#settleAlike(bulk, settlements, answers, nowMs);
    for (const index of singles) answers[index] = this.#settleOne(settlements[index] as Settlement, nowMs);
    return answers;
  }

  #settleAlike({ indexes, sql, parameters }: BulkSettle, settlements: readonly Settlement[], answers: SettleAnswer[], nowMs: number): void {
    const changes = runUnlessClash(() => Number(this.#connection.prepare(sql).run(...parameters).changes));
    const isComplete = changes === indexes.length;
    for (const index of indexes) answers[index] = isComplete ? 'applied' : this.#settleOne(settlements[index] as Settlement, nowMs);
  }

  #settleOne({ id, guard, change, by }: Settlement, nowMs: number): SettleAnswer {
    const bytes = uuidBytes(id);
    const [kind, ...guardValues] = guardParameters(guard);
    const statement = this.#connection.prepare(settleStatement(changeShape(change), kind));
    const changes = runUnlessClash(() => Number(statement.run(...changeParameters(change, nowMs), by, bytes, ...guardValues).changes));
    if (changes === 'clash') return 'clash';
    if (changes === 1 && change.followUps !== undefined) this.#connection.prepare(FOLLOW_UP_STATEMENTS.keep).run(change.followUps, bytes);
    if (changes === 1 && change.signals) this.#await(bytes, change.signals, nowMs);
    return changes === 1 || this.#wasSettledBy(bytes, by) ? 'applied' : 'lost';
  }

  /** Notes the signals that a task waits for. One that is there already makes it due. */
  #await(task: Uint8Array, signals: readonly string[], nowMs: number): void {
    const names = JSON.stringify(signals);
    this.#connection.prepare(STEP_STATEMENTS.await).run(task, names);
    this.#connection.prepare(STEP_STATEMENTS.dueBySignal).run(nowMs, task, names);
  }

  #wasSettledBy(bytes: Uint8Array, by: string): boolean {
    const row = this.#connection.prepare(SQLITE_STATEMENTS.settledBy).get(bytes) as { settled_by: string | null } | undefined;
    return row?.settled_by === by;
  }
}

function runUnlessClash<T>(run: () => T): T | 'clash' {
  try {
    return run();
  } catch (error) {
    if ((error as { errcode?: unknown }).errcode === NOT_UNIQUE) return 'clash';
    throw error;
  }
}
