import { Type } from 'typebox';
import type { Static, TSchema } from 'typebox';
import type { EntryAnswer } from '../../modules/broker/brokerTypes';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { faultAnswers } from '../../modules/server/commonSchemas';
import { extended, extendedMany, oneOrMany, queueParams, settledMany, settlements } from '../../modules/server/messageSchemas';
import type { Broker } from '../broker/broker';
import { entryOnWire } from './faults';
import { plainJson } from './jsonBodies';
import type { ServerApp, ServerParts } from './serverParts';

type Named = { readonly receipt: string };

/** A call that takes a receipt: its route, and what it does for one receipt and for several. */
interface Settlement<Entry extends Named, Answer> {
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly entry: (typeof settlements)[keyof typeof settlements];
  /** What one receipt and several are answered with. */
  readonly answers: Readonly<Record<number, TSchema>>;
  readonly one: (entry: Entry) => Promise<unknown>;
  readonly many: (entries: readonly Entry[]) => Promise<readonly EntryAnswer<Answer>[]>;
  readonly told: (answer: Answer) => unknown;
}

const nothing = Type.Null({ description: 'Done; the answer to one receipt.' });
const done = () => ({ ok: true });

/** The routes that end, prolong or give back a receive. */
export function addSettleRoutes(app: ServerApp, parts: ServerParts): void {
  const { broker } = parts;
  add(app, parts, {
    ...{ path: 'ack', operationId: 'ackMessages', summary: 'Acknowledges messages: they are processed, and removed.' },
    ...{ entry: settlements.ack, answers: { 204: nothing, 200: settledMany } },
    one: ({ receipt }) => broker.ack(receipt),
    many: (entries) => broker.ackMany(entries.map(({ receipt }) => receipt)),
    told: done,
  });
  add(app, parts, extension(broker));
  add(app, parts, {
    ...{ path: 'release', operationId: 'releaseMessages', summary: 'Gives messages back, to be received again at once or after a delay.' },
    ...{ entry: settlements.release, answers: { 204: nothing, 200: settledMany } },
    one: ({ receipt, ...options }: Static<typeof settlements.release>) => broker.release(receipt, options),
    many: (entries) => broker.releaseMany(entries),
    told: done,
  });
  add(app, parts, {
    ...{ path: 'dead-letter', operationId: 'deadLetterMessages', summary: 'Moves messages to the dead-letter queue, with a reason.' },
    ...{ entry: settlements.deadLetter, answers: { 204: nothing, 200: settledMany } },
    one: ({ receipt, ...options }: Static<typeof settlements.deadLetter>) => broker.deadLetter(receipt, options),
    many: (entries) => broker.deadLetterMany(entries),
    told: done,
  });
}

const extension = (broker: Broker): Settlement<Static<typeof settlements.extend>, { readonly visibleAt: Date }> => ({
  ...{ path: 'extend', operationId: 'extendMessages', summary: 'Sets the end of the visibility of messages, counted from now.' },
  ...{ entry: settlements.extend, answers: { 200: Type.Union([extended, extendedMany]) } },
  one: ({ receipt, visibilityTimeoutSeconds }) => broker.extend(receipt, visibilityTimeoutSeconds),
  many: (entries) => broker.extendMany(entries),
  told: ({ visibleAt }) => ({ visibleAt }),
});

function add<Entry extends Named, Answer>(app: ServerApp, { broker, onBug }: ServerParts, call: Settlement<Entry, Answer>): void {
  const { path, operationId, summary, entry, answers } = call;
  const told = entryOnWire(onBug, call.told);
  app.post(
    `/v1/queues/:queue/${path}`,
    {
      config: { access: 'consume' },
      serializerCompiler: plainJson,
      schema: {
        ...{ tags: ['messages'], operationId, summary, description: 'One receipt, or several as `entries` with an answer for each.' },
        ...{ params: queueParams, body: oneOrMany(entry), response: { ...answers, ...faultAnswers } },
      },
    },
    async (request, reply) => {
      const { queue } = request.params;
      const given = request.body as Partial<Entry> & { readonly entries?: readonly Entry[] };
      if (given.entries !== undefined) return { results: (await settleAll(broker, queue, given.entries, call.many)).map(told) };
      await checkQueueOf(broker, given as Entry, queue);
      const answer = await call.one(given as Entry);
      return answer === undefined ? reply.code(204).send(null) : answer;
    },
  );
}

/** A receipt is good for the queue of the path only, which is the one that the token was checked for. */
async function checkQueueOf(broker: Broker, { receipt }: Named, queue: string): Promise<void> {
  if ((await broker.queueOf(receipt)) === queue) return;
  throw new HoldfastError('HOLDFAST_RECEIPT_INVALID', { field: 'receipt', expected: 'a receipt of the queue in the path' });
}

/** Settles the receipts of this queue, and answers for all of them in their order. */
async function settleAll<Entry extends Named, Answer>(
  broker: Broker,
  queue: string,
  entries: readonly Entry[],
  many: (entries: readonly Entry[]) => Promise<readonly EntryAnswer<Answer>[]>,
): Promise<readonly EntryAnswer<Answer>[]> {
  const refusals = await Promise.all(entries.map((entry) => refusalOf(broker, entry, queue)));
  const good = entries.filter((_, index) => refusals[index] === undefined);
  const answers = (good.length === 0 ? [] : await many(good)).values();
  return refusals.map((error) => (error === undefined ? (answers.next().value as EntryAnswer<Answer>) : { ok: false, error }));
}

async function refusalOf(broker: Broker, entry: Named, queue: string): Promise<Error | undefined> {
  try {
    await checkQueueOf(broker, entry, queue);
    return undefined;
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'HOLDFAST_RECEIPT_INVALID') return error;
    throw error;
  }
}
