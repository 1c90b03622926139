import { httpClient } from 'holdfast/http';
import type { HttpAnswer, Caller, HttpClient } from 'holdfast/http';
import { HASTE } from '../queues';
import type { Challenge, ChallengeFields, Participant } from '../service/challenge';

/** The challenge service, and the client that calls it. All handlers of a process share it, and with it the limit of calls at once. */
export interface ChallengeApi {
  readonly url: string;
  readonly client: Pick<HttpClient, 'request' | 'close'>;
}

/** An answer of the service: whether the challenge was changed, and what it is now. */
export interface PutAnswer {
  readonly isChanged: boolean;
  readonly challenge: Challenge;
}

/** Makes the client. A host that is not public is called only because it is named here. */
export function apiOf(env: NodeJS.ProcessEnv, { timeoutMs = 5_000 } = {}): ChallengeApi {
  const { origin, hostname } = new URL(env['CHALLENGES_URL'] ?? 'http://127.0.0.1:3100');
  const client = httpClient({
    timeoutMs,
    callsPerHost: 8,
    allowedHosts: [hostname],
    originHeaders: { [origin]: { authorization: `Bearer ${env['CHALLENGES_TOKEN'] ?? ''}` } },
    circuitOpenMs: Math.max(100, 10_000 / HASTE),
  });
  return { url: origin, client };
}

/** Lists the challenges of a filter, all pages of them. A page begins after the last id of the one before, so that a change between two skips none. */
export async function listChallenges(api: ChallengeApi, filter: string, caller?: Caller): Promise<Challenge[]> {
  const found: Challenge[] = [];
  for (;;) {
    const page = await get<Challenge[]>(api, `/challenges?filter=${encodeURIComponent(`${filter}&id>${found.at(-1)?.id ?? 0}`)}`, caller);
    if (page.length === 0) return found;
    found.push(...page);
  }
}

export const getChallenge = (api: ChallengeApi, id: number, caller?: Caller): Promise<Challenge> => get(api, `/challenges/${id}`, caller);

export const getParticipants = (api: ChallengeApi, id: number, caller?: Caller): Promise<Participant[]> =>
  get(api, `/challenges/${id}/participants`, caller);

/** Changes a challenge, if it is still as the filter says. The caller's key is the same each time that this change is sent. */
export async function putChallenge(
  { url, client }: ChallengeApi,
  id: number,
  body: Omit<ChallengeFields, 'subEndAt'> & Partial<ChallengeFields>,
  onlyIf: string,
  caller: Caller,
): Promise<PutAnswer> {
  const request = { url: `${url}/challenges/${id}?filter=${encodeURIComponent(onlyIf)}`, method: 'PUT', body, accepts: [409] } as const;
  const answer = await client.request(request, caller);
  return { isChanged: answer.status === 200, challenge: contentOf<Challenge>(answer) };
}

const get = async <Content>({ url, client }: ChallengeApi, path: string, caller?: Caller): Promise<Content> =>
  contentOf(await client.request({ url: url + path }, caller));

/** An answer that is none of the service's, such as the page of a proxy, is a fault that may pass. */
function contentOf<Content>({ status, body }: HttpAnswer): Content {
  if (typeof body === 'object' && body !== null && 'content' in body) return body.content as Content;
  throw new Error(`the service answered ${status} with something else than its JSON`);
}
