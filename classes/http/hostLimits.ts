import type { BulkheadPolicy, CircuitBreakerPolicy } from 'cockatiel';
import type { ResolvedHttpOptions } from '../../config/httpOptions';
import { HttpError, restingHost } from '../../modules/http/httpError';
import { speaksAgainstHost } from '../../modules/http/verdict';
import type { HttpPeers } from './httpPeers';
import { untilAborted } from './untilAborted';

type Limits = Pick<ResolvedHttpOptions, 'callsPerHost' | 'circuitFailures' | 'circuitOpenMs'>;

/** The limits of one host in this process. */
interface HostLimit {
  readonly turns: BulkheadPolicy;
  readonly circuit: CircuitBreakerPolicy;
  /** When the circuit opened last. */
  openedAt: number;
}

/** Hosts whose failures are remembered. Payloads may name any number of them. */
const MOST_HOSTS = 1_000;

/** The tasks of a host come back spread over this share of the time that it was not called. */
const SPREAD = 0.25;

/** For each host of this process: at most so many requests at once, and none for a while after several failures in a row. */
export class HostLimits {
  readonly #peer: HttpPeers['cockatiel'];
  readonly #options: Limits;
  readonly #hosts = new Map<string, HostLimit>();

  constructor(peer: HttpPeers['cockatiel'], options: Limits) {
    this.#peer = peer;
    this.#options = options;
  }

  /**
   * Makes a request when it is its turn.
   *
   * @throws HOLDFAST_HOST_RESTING, by which a task is put off without a failure; what the request throws; the reason of the signal.
   */
  async run<Answer>(host: string, signal: AbortSignal | undefined, request: () => Promise<Answer>): Promise<Answer> {
    const limit = this.#limitOf(host);
    try {
      const answered = limit.turns.execute(() => limit.circuit.execute(() => request().catch(unlessAnswered)), signal);
      return thrownIfError(await untilAborted(signal, answered));
    } catch (error) {
      if (!(error instanceof this.#peer.BrokenCircuitError)) throw error;
      const { circuitOpenMs } = this.#options;
      const leftMs = Math.max(0, limit.openedAt + circuitOpenMs - Date.now());
      throw restingHost(host, Math.ceil(leftMs + Math.random() * SPREAD * circuitOpenMs));
    }
  }

  #limitOf(host: string): HostLimit {
    const limit = this.#hosts.get(host) ?? this.#newLimit();
    this.#hosts.delete(host);
    this.#hosts.set(host, limit);
    if (this.#hosts.size > MOST_HOSTS) this.#forgetOne();
    return limit;
  }

  /** Forgets the host that was called the longest ago, of those that nothing is under way to. */
  #forgetOne(): void {
    for (const [host, { turns }] of this.#hosts) if (turns.executionSlots === this.#options.callsPerHost) return void this.#hosts.delete(host);
  }

  #newLimit(): HostLimit {
    const { bulkhead, circuitBreaker, ConsecutiveBreaker, CircuitState, handleWhen } = this.#peer;
    const { callsPerHost, circuitFailures, circuitOpenMs } = this.#options;
    // The request that tries a host shows that it is well only by an answer, and not by being stopped.
    const speaksAgainst = (error: Error): boolean =>
      circuit.state === CircuitState.HalfOpen || (error instanceof HttpError && speaksAgainstHost(error));
    const circuit: CircuitBreakerPolicy = circuitBreaker(handleWhen(speaksAgainst), {
      halfOpenAfter: circuitOpenMs,
      breaker: new ConsecutiveBreaker(circuitFailures),
    });
    const limit: HostLimit = { turns: bulkhead(callsPerHost, Infinity), circuit, openedAt: 0 };
    circuit.onBreak(() => (limit.openedAt = Date.now()));
    return limit;
  }
}

/** A host that refuses a request is well: to the circuit, its answer is a success. */
function unlessAnswered(error: unknown): HttpError {
  if (error instanceof HttpError && error.answer !== undefined && !speaksAgainstHost(error)) return error;
  throw error;
}

function thrownIfError<Answer>(answered: Answer | HttpError): Answer {
  if (answered instanceof HttpError) throw answered;
  return answered;
}
