import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChallengeRecords } from './service/challengeRecords';
import type { Part } from './scenario';

/** The web application of the demonstration: it makes challenges and messages, and repeats what was not answered. */
export class Seeder {
  readonly #url: () => string;
  readonly #token: string;

  constructor(url: () => string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** Makes the challenges: those from before there were workflows in the database, the others by the service, eight at once. */
  async make(parts: readonly Part[], records: ChallengeRecords): Promise<void> {
    const isOld = ({ fate }: Part): boolean => fate === 'missed' || fate === 'test';
    await records.transaction(async (session) => {
      for (const { challenge, participants } of parts.filter(isOld)) await records.add({ ...challenge, workflowId: null }, participants, session);
    });
    await inTurns(
      8,
      parts.filter((part) => !isOld(part)),
      ({ challenge, participants }) =>
        this.#send('POST', '/challenges', {
          ...challenge,
          participants: participants.map(({ userId, userHandle, role }) => ({ userId, userHandle, role })),
        }),
    );
  }

  /** Moves the end of a challenge, or cancels it. */
  async turn({ fate, challenge, movedTo }: Part): Promise<void> {
    const { id, title, projectSource, subEndAt } = challenge;
    const fields = fate === 'cancelled' ? { status: 'CANCELLED', subEndAt } : { status: 'SUBMISSION', subEndAt: movedTo };
    await this.#send('PUT', `/challenges/${id}?filter=${encodeURIComponent('status=SUBMISSION')}`, { title, projectSource, ...fields });
  }

  /** Starts a discussion on a challenge. The message has its id in its text, by which a mail about it is known. */
  async discuss({ challenge, participants }: Part): Promise<void> {
    const [id, discussionId] = [randomUUID(), randomUUID()];
    const createdBy = participants.at(-1)?.userId;
    await this.#send('POST', `/challenges/${challenge.id}/messages`, { id, discussionId, createdBy, content: `[${id}] Is this meant so?` });
  }

  /** Sends a request until it is answered. A 409 is an answer: the challenge was closed or changed meanwhile. */
  async #send(method: string, path: string, body: object): Promise<void> {
    for (;;) {
      try {
        const headers = { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` };
        const response = await fetch(this.#url() + path, { method, headers, body: JSON.stringify(body), signal: AbortSignal.timeout(5_000) });
        await response.text();
        if (response.ok || response.status === 409) return;
        if (response.status < 500) throw new TypeError(`${method} ${path}: ${response.status}`, { cause: response.status });
      } catch (error) {
        if (typeof (error as Error).cause === 'number') throw error;
      }
      await sleep(100);
    }
  }
}

/** Does something with each item, so many at once. */
async function inTurns<Item>(count: number, items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const work = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: count }, work));
}
