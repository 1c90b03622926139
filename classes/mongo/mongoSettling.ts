import { isClash } from '../../modules/mongo/mongoErrors';
import { settleCommands } from '../../modules/mongo/mongoSettle';
import type { SettleCommand } from '../../modules/mongo/mongoSettle';
import { BY_ID, keysFilter } from '../../modules/mongo/taskFilters';
import type { MongoKeys } from '../../modules/mongo/mongoKeys';
import { leastDelayMs } from '../../modules/task/change';
import type { SettleAnswer, Settlement } from '../../modules/ports/taskStore';
import { roundsOf } from '../../modules/values/roundsOf';
import type { MongoClaims } from './mongoClaims';
import type { MongoConnection } from './mongoConnection';

type Answers = Map<Settlement, SettleAnswer>;

/** The settling of MongoDB: few commands for many outcomes. */
export class MongoSettling {
  readonly #connection: MongoConnection;
  readonly #claims: Pick<MongoClaims, 'waitAgain'>;
  readonly #keys: MongoKeys;
  readonly #maxTimeMS: number;

  constructor(connection: MongoConnection, claims: Pick<MongoClaims, 'waitAgain'>, keys: MongoKeys) {
    this.#connection = connection;
    this.#claims = claims;
    this.#keys = keys;
    this.#maxTimeMS = connection.maxTimeMS;
  }

  /** Applies each change whose guard holds, and answers for each in order. Settlements of one task are applied one after the other. */
  async settle(settlements: readonly Settlement[]): Promise<SettleAnswer[]> {
    const answers: Answers = new Map();
    const againMs = await this.#againMs(settlements);
    for (const round of roundsOf(settlements)) await this.#settleRound(round, answers);
    if (againMs < Infinity) this.#claims.waitAgain(againMs);
    return settlements.map((settlement) => answers.get(settlement) ?? 'lost');
  }

  /** Applies settlements of which no two name one task. Where some commands were answered and others failed, the others are unknown. */
  async #settleRound(settlements: readonly Settlement[], answers: Answers): Promise<void> {
    const commands = settleCommands(settlements, this.#keys);
    const ends = await Promise.allSettled(commands.map((command) => this.#connection.askAgain(() => this.#apply(command, answers))));
    const failed = commands.flatMap((command, index) => (ends[index]?.status === 'rejected' ? command.settlements : []));
    const fault = ends.find((end) => end.status === 'rejected');
    if (fault && failed.length === settlements.length) throw fault.reason;
    for (const settlement of failed) if (!answers.has(settlement)) answers.set(settlement, 'unknown');
  }

  async #apply({ settlements, filter, pipeline }: SettleCommand, answers: Answers): Promise<void> {
    try {
      const { matchedCount } = await this.#connection.tasks.updateMany(filter, pipeline, { hint: BY_ID, maxTimeMS: this.#maxTimeMS });
      const applied = matchedCount === settlements.length ? settlements : await this.#appliedOf(settlements);
      for (const settlement of applied) answers.set(settlement, 'applied');
    } catch (error) {
      if (!isClash(error)) throw error;
      await this.#applyHalves(settlements, answers);
    }
  }

  /** Applies settlements by halves, so that only those that clash are refused: one in a thousand costs twenty commands. */
  async #applyHalves(settlements: readonly Settlement[], answers: Answers): Promise<void> {
    const [only] = settlements;
    if (only && settlements.length === 1) return void answers.set(only, 'clash');
    const middle = Math.ceil(settlements.length / 2);
    for (const half of [settlements.slice(0, middle), settlements.slice(middle)]) {
      for (const command of settleCommands(half, this.#keys)) await this.#apply(command, answers);
    }
  }

  async #appliedOf(settlements: readonly Settlement[]): Promise<Settlement[]> {
    const filter = keysFilter(settlements, this.#keys);
    const documents = await this.#connection.tasks.find(filter, { projection: { settledBy: 1 }, hint: BY_ID, maxTimeMS: this.#maxTimeMS }).toArray();
    const settledBy = new Map(documents.map((document) => [document._id.toString(), document.settledBy]));
    return settlements.filter(({ id, by }) => settledBy.get(id) === by);
  }

  /** Returns the earliest instant from which a task waits again. */
  async #againMs(settlements: readonly Settlement[]): Promise<number> {
    let delayMs = Infinity;
    for (const { change } of settlements) if (change.state === 'waiting') delayMs = Math.min(delayMs, leastDelayMs(change));
    return delayMs === Infinity ? Infinity : (await this.#connection.clock.now()).earliestMs + delayMs;
  }
}
