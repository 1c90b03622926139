import { errorOfProblem } from '../../modules/client/brokerError';
import type { BrokerError, BrokerErrorCode } from '../../modules/client/brokerError';
import type { ClientExtended, ClientSent, Received, WireProblem } from '../../modules/client/wire';
import { Coalescer } from './coalescer';
import type { Transport } from './transport';

/** A call that takes a receipt: its route, and what a repeat is answered with that comes after the first one was carried out. */
interface SettleCall {
  readonly path: 'ack' | 'extend' | 'release' | 'dead-letter';
  readonly doneCodes: readonly BrokerErrorCode[];
}

const CALLS = {
  ack: { path: 'ack', doneCodes: ['message_gone'] },
  extend: { path: 'extend', doneCodes: [] },
  release: { path: 'release', doneCodes: ['receipt_stale', 'message_gone'] },
  deadLetter: { path: 'dead-letter', doneCodes: ['message_gone'] },
} as const satisfies Readonly<Record<string, SettleCall>>;

export type SettleName = keyof typeof CALLS;

type Results<Answer> = readonly (Answer | { readonly error: WireProblem })[];

export const queuePath = (queue: string, rest = ''): string => `/v1/queues/${encodeURIComponent(queue)}${rest}`;

/** Makes the calls for single messages, of which those at the same time share requests: one request a queue and kind is under way. */
export class MessageCalls {
  readonly #transport: Transport;
  readonly #makeKey: () => string;
  readonly #lines = new Map<string, Coalescer<unknown>>();

  constructor(transport: Transport, makeKey: () => string) {
    this.#transport = transport;
    this.#makeKey = makeKey;
  }

  /** Resolves when no call is under way. */
  async idle(): Promise<void> {
    while (this.#lines.size > 0) await Promise.all([...this.#lines.values()].map(async ({ idle }) => idle));
  }

  /** Sends a message, as JSON text. */
  send(queue: string, message: string): Promise<ClientSent> {
    return this.#push(`send ${queue}`, message, (entries) => this.sendAll(queue, entries, this.#makeKey()));
  }

  /** Sends messages under a key, so that a repeat adds nothing. */
  sendAll(queue: string, messages: readonly string[], key: string): Promise<(ClientSent | BrokerError)[]> {
    return this.#transport.call({
      ...{ method: 'POST', path: queuePath(queue, '/messages'), isRepeatable: true },
      body: `{"messages":[${messages.join(',')}]}`,
      headers: { 'idempotency-key': key },
      read: (answer) => (answer as { readonly messages: Results<ClientSent> }).messages.map(orError),
    });
  }

  /** Settles or extends a message. */
  settle(name: SettleName, { queue, receipt }: Received, options: object): Promise<ClientExtended> {
    const { path, doneCodes }: SettleCall = CALLS[name];
    const send = (entries: readonly string[]): Promise<(ClientExtended | BrokerError)[]> =>
      this.#transport.call({
        ...{ method: 'POST', path: queuePath(queue, `/${path}`), isRepeatable: true },
        body: `{"entries":[${entries.join(',')}]}`,
        read: (answer, isRepeat) => settled((answer as { readonly results: Results<ClientExtended> }).results, isRepeat ? doneCodes : []),
      });
    return this.#push(`${path} ${queue}`, JSON.stringify({ ...options, receipt }), send);
  }

  #push<Answer>(name: string, entry: string, send: (entries: readonly string[]) => Promise<(Answer | BrokerError)[]>): Promise<Answer> {
    const line = this.#lines.get(name) ?? new Coalescer<unknown>(send);
    this.#lines.set(name, line);
    const answer = line.push(entry) as Promise<Answer>;
    void line.idle?.then(() => {
      if (!line.idle) this.#lines.delete(name);
    });
    return answer;
  }
}

const orError = <Answer>(result: Results<Answer>[number]): Answer | BrokerError => {
  const { error } = result as { readonly error?: WireProblem };
  return error ? errorOfProblem(error) : (result as Answer);
};

/** Reads the answers for several receipts. One that may succeed later makes the whole request be repeated, which changes nothing for the others. */
function settled(results: Results<ClientExtended>, doneCodes: readonly BrokerErrorCode[]): (ClientExtended | BrokerError)[] {
  const answers = results.map(orError);
  const isError = (answer: ClientExtended | BrokerError): answer is BrokerError => answer instanceof Error;
  const later = answers.find((answer) => isError(answer) && answer.isTransient);
  if (later) throw later;
  return answers.map((answer) => (isError(answer) && doneCodes.includes(answer.code) ? { visibleAt: new Date(0) } : answer));
}
