import { LOWEST_PRIORITY, SECOND } from '../../constants/limits';
import type { Shares } from '../../modules/flow/fairShares';
import type { Claim } from '../../modules/ports/taskStore';
import { isNamed } from '../../modules/ports/queuePatterns';
import type { Clock } from '../../modules/time/clock';
import type { Solitude } from './solitude';

/** The time that a suspect waits for a process in which nothing runs. Then one in which something runs takes it, and empties itself. */
const FOR_IDLE_MS = SECOND;

/** What this process knows of a suspect that waits in the store, and whether it may take it. Knowing of one holds up nothing. */
export class WaitingSuspect {
  readonly #solitude: Solitude;
  readonly #clock: Clock;
  #isKnown = false;
  #queue: string | undefined;
  #since = 0;

  constructor(solitude: Solitude, clock: Clock) {
    this.#solitude = solitude;
    this.#clock = clock;
  }

  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** Whether a claim may bring a suspect: none is here, others have had their turn, and nothing runs or the suspect has waited long enough. */
  get mayBeTaken(): boolean {
    const { hasSuspect, owesTurn, isEmpty } = this.#solitude;
    if (hasSuspect || owesTurn) return false;
    return isEmpty || (this.#isKnown && this.#clock.monotonic() - this.#since >= FOR_IDLE_MS);
  }

  /** Ends the turn of others after a claim that found nothing of theirs. Returns whether the suspect may be claimed now. */
  isNext(): boolean {
    const { owesTurn, isEmpty } = this.#solitude;
    if (!this.#isKnown || !owesTurn || !isEmpty) return false;
    this.#solitude.endTurn();
    return true;
  }

  /** Notes the answer to a claim. One that did not ask the queue of the suspect tells nothing of it. */
  note({ suspect, suspectIn }: Claim, queues: readonly string[]): void {
    if (suspect === null && this.#queue !== undefined && !queues.includes(this.#queue)) return;
    if (suspect !== null && !this.#isKnown) this.#since = this.#clock.monotonic();
    this.#isKnown = suspect !== null;
    this.#queue = suspect === null ? undefined : (suspectIn ?? (queues.length === 1 ? queues[0] : undefined));
  }

  /** Returns the share of a claim for the suspect, if its queue is known, asked for and open. */
  shareOf(queues: readonly string[], paused: ReadonlySet<string>): Shares | null {
    const queue = this.#queue;
    if (queue === undefined || paused.has(queue) || !isNamed(queues, queue)) return null;
    this.#queue = undefined;
    return { queues: [queue], limits: [1], worst: LOWEST_PRIORITY };
  }
}
