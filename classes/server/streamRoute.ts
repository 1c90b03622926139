import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { STREAMS_MOST } from '../../constants/serverLimits';
import { SECOND } from '../../constants/limits';
import { ADMIN_TAGS as tags } from '../../modules/server/adminSchemas';
import { faultAnswers } from '../../modules/server/commonSchemas';
import { RequestFault } from '../../modules/server/problem';
import type { StoreChange } from '../admin/changes';
import { seenBy } from './accessGuard';
import type { ServerApp, ServerParts } from './serverParts';

/** Time between two signs of life of a stream in which nothing happens: proxies close what is silent. */
const SIGN_EVERY_MS = 15 * SECOND;

const DESCRIPTION =
  'Server-sent events: `changed` with `{ queues, kinds }` at most once a second; `queues` is null where nobody knows which. It ends when the server does.';

/** The route that tells a page when to look again. */
export function addStreamRoute(app: ServerApp, { admin }: ServerParts): void {
  const streams = new Set<() => void>();
  app.addHook('preClose', (done: () => void) => {
    for (const end of [...streams]) end();
    done();
  });
  app.get(
    '/v1/admin/stream',
    {
      config: { access: 'read', isPage: true },
      schema: {
        ...{ tags, operationId: 'adminStream', summary: 'Tells when something has changed.', description: DESCRIPTION },
        response: { 200: { description: 'The stream.', content: { 'text/event-stream': { schema: Type.String() } } }, ...faultAnswers },
      },
    },
    (request, reply) => {
      if (streams.size >= STREAMS_MOST) throw new RequestFault('streams_full', `This server has ${STREAMS_MOST} streams open, which is its most.`);
      const write = openStream(reply);
      const unlisten = admin.changes.listen((change) => {
        const shown = shownTo(request, change);
        if (shown) write(`event: changed\ndata: ${JSON.stringify(shown)}\n\n`);
      });
      const timer = setInterval(() => write(': still here\n\n'), SIGN_EVERY_MS);
      const end = (): void => {
        streams.delete(end);
        clearInterval(timer);
        unlisten();
        reply.raw.end();
      };
      streams.add(end);
      reply.raw.once('close', end);
    },
  );
}

/** Begins the answer. Whoever reads too slowly misses events, and is told of the next ones. */
function openStream(reply: FastifyReply): (text: string) => void {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...headersOf(reply),
    'content-type': 'text/event-stream; charset=utf-8',
    'x-accel-buffering': 'no',
    connection: 'keep-alive',
  });
  raw.write('retry: 2000\n: open\n\n');
  return (text) => void (raw.writable && !raw.writableNeedDrain && raw.write(text));
}

const headersOf = (reply: FastifyReply): Record<string, string> =>
  Object.fromEntries(Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]));

/** Leaves out the queues that the reader may not see; null if nothing is left. */
function shownTo(request: FastifyRequest, { queues, kinds }: StoreChange): StoreChange | null {
  if (request.credential === null || queues === null) return { queues, kinds };
  const seen = queues.filter(seenBy(request));
  const isLeft = seen.length > 0 || queues.length === 0 || kinds.some((kind) => kind !== 'tasks');
  return isLeft ? { queues: seen, kinds } : null;
}
