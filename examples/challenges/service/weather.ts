import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/** What is wrong with the service. */
export interface Weather {
  /** The time that an answer takes at least. */
  readonly latencyMs: number;
  /** The share of requests that fail: half of them before the work, with 503, and half after it, when the answer is lost. */
  readonly failures: number;
  /** In each of these periods it answers nothing for a while. 0 is never. */
  readonly outageEveryMs: number;
  readonly outageForMs: number;
  /** What it answers: as it should, 500 for ever, a page of HTML, or nothing on a connection that stays open. */
  readonly answers: 'well' | '500' | 'html' | 'never';
  /** The number of requests that it works on at once, others wait for their turn. 0 is no limit. */
  readonly pool: number;
  /** The time for which a request holds its place in the pool, beside its work. */
  readonly holdMs: number;
  /** How long a request waits for its turn: then it is refused with 503. */
  readonly patienceMs: number;
}

export const FAIR: Weather = { latencyMs: 0, failures: 0, outageEveryMs: 0, outageForMs: 0, answers: 'well', pool: 0, holdMs: 0, patienceMs: 0 };

/** Spoils a service. */
export function spoil(app: FastifyInstance, weather: Weather, random: () => number = Math.random): void {
  const { latencyMs, failures, outageEveryMs, outageForMs, answers, pool, holdMs } = weather;
  const beganAt = Date.now();
  app.addHook('onRequest', (request, _reply, done) => {
    if (outageEveryMs > 0 && (Date.now() - beganAt) % outageEveryMs > outageEveryMs - outageForMs) request.raw.socket.destroy();
    else done();
  });
  if (pool > 0) limit(app, weather);
  app.addHook('preHandler', async (_request, reply) => {
    if (latencyMs + holdMs > 0) await sleep(latencyMs + holdMs);
    if (answers === 'never') await new Promise(() => undefined);
    if (answers === '500') return reply.code(500).send({ success: false, status: 500, content: 'out of order' });
    if (answers === 'html') return reply.type('text/html').send('<html>Be right back</html>');
    if (random() < failures / 2) return reply.code(503).header('retry-after', '0').send({ success: false, status: 503, content: 'busy' });
  });
  app.addHook('onSend', (request, _reply, payload, done) => {
    if (random() < failures / 2) request.raw.socket.destroy();
    else done(null, payload);
  });
}

/** Lets so many requests in at once, in the order of their coming. */
function limit(app: FastifyInstance, { pool, patienceMs }: Weather): void {
  const line: (() => void)[] = [];
  const inside = new Set<string>();
  let free = pool;
  app.addHook('preHandler', async ({ id }, reply) => {
    if (free > 0) free -= 1;
    else if (!(await turn(line, patienceMs))) return reply.code(503).send({ success: false, status: 503, content: 'the pool is full' });
    inside.add(id);
  });
  const leave = ({ id }: { readonly id: string }): void => {
    if (!inside.delete(id)) return;
    const next = line.shift();
    if (next) next();
    else free += 1;
  };
  app.addHook('onResponse', (request, _reply, done) => done(void leave(request)));
  app.addHook('onRequestAbort', (request, done) => done(void leave(request)));
}

/** Waits in a line. Resolves with whether the turn came in time. */
function turn(line: (() => void)[], patienceMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const mine = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    const timer = patienceMs === 0 ? undefined : setTimeout(giveUp, patienceMs);
    line.push(mine);
    function giveUp(): void {
      line.splice(line.indexOf(mine), 1);
      resolve(false);
    }
  });
}
