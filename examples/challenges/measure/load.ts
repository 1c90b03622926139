import { setTimeout as sleep } from 'node:timers/promises';

/** What a service did under so many calls at once. */
export interface Load {
  readonly atOnce: number;
  /** Answered with 200, each second. */
  readonly perSecond: number;
  /** Milliseconds to the answer, errors included. */
  readonly p50: number;
  readonly p99: number;
  /** The share of calls that were refused, broken or not answered in time. */
  readonly errors: number;
}

const LIMIT_MS = 2_000;

interface Call {
  readonly ms: number;
  readonly isGood: boolean;
}

/** Sends PUTs for a while, so many at once. Each caller moves a challenge of its own forth and back, so that every PUT is a write. */
export async function loadOf(url: string, token: string, atOnce: number, seconds: number): Promise<Load> {
  const calls: Call[] = [];
  const end = performance.now() + seconds * 1_000;
  const caller = async (id: number): Promise<void> => {
    for (let status = 'REVIEW'; performance.now() < end;) {
      const call = await put(`${url}/challenges/${id}`, token, status);
      calls.push(call);
      if (call.isGood) status = status === 'REVIEW' ? 'SUBMISSION' : 'REVIEW';
      // A caller that was refused waits a moment, as a task does.
      else await sleep(50);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, index) => caller(index + 1)));
  const times = calls.map(({ ms }) => ms).sort((one, other) => one - other);
  const good = calls.filter(({ isGood }) => isGood).length;
  const at = (share: number): number => times[Math.max(0, Math.ceil(times.length * share) - 1)] ?? 0;
  return { atOnce, perSecond: good / seconds, p50: at(0.5), p99: at(0.99), errors: 1 - good / calls.length };
}

async function put(url: string, token: string, status: string): Promise<Call> {
  const began = performance.now();
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const body = JSON.stringify({ title: 'A challenge', projectSource: 'web', status });
  const isGood = await fetch(url, { method: 'PUT', headers, body, signal: AbortSignal.timeout(LIMIT_MS) }).then(
    async (response) => response.text().then(() => response.ok),
    () => false,
  );
  return { ms: performance.now() - began, isGood };
}
