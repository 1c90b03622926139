import { Type } from 'typebox';
import type { Static } from 'typebox';
import { VISIBILITY_SECONDS } from '../../constants/brokerLimits';
import { REQUEST_BYTES } from '../../constants/serverLimits';
import type { Action } from '../../constants/serverLimits';
import type { OutgoingMessage, PeekedMessage } from '../../modules/broker/brokerTypes';
import { isHoldfastError } from '../../modules/errors/holdfastError';
import { exactly } from '../../modules/server/commonSchemas';
import { queueParams } from '../../modules/server/messageSchemas';
import { PAGE_POLICY } from '../../modules/server/pageStyle';
import { RequestFault } from '../../modules/server/problem';
import { PAGE_FORMS, SHOWN_STATES, statePage } from '../../modules/server/statePage';
import type { PageView, ShownQueue, ShownState } from '../../modules/server/statePage';
import type { Credential } from '../../modules/server/credential';
import { schemaOf } from '../../modules/server/schemaOf';
import { brokerQueueName } from '../../config/brokerOptions';
import { oneOf } from '../../config/schema';
import { allows } from './accessGuard';
import { withoutSlash } from './dashboardRoutes';
import { deadLetterQueueOf } from './lookRoutes';
import { listQueues } from './queueRoutes';
import type { Broker } from '../broker/broker';
import type { ServerApp, ServerParts } from './serverParts';

/** Queues and messages of one page. */
const MOST_QUEUES = 100;
const MOST_MESSAGES = 50;

const pageQuery = exactly({
  queue: Type.Optional(schemaOf(brokerQueueName)),
  state: Type.Optional(schemaOf(oneOf(SHOWN_STATES))),
  form: Type.Optional(schemaOf(oneOf(PAGE_FORMS))),
});

const sendForm = exactly({
  body: Type.String(),
  contentType: Type.Optional(Type.String({ maxLength: 256 })),
  delaySeconds: Type.Optional(Type.String({ pattern: '^[0-9]{0,5}$' })),
});

/** The page that shows the state of the broker without a script, and its buttons. */
export function addPageRoutes(parent: ServerApp, parts: ServerParts): void {
  void parent.register(
    (app: ServerApp, _, done) => {
      takeForms(app);
      app.get('/', { config: { access: 'read', isPage: true }, schema: { querystring: pageQuery } }, async (request, reply) => {
        const { query, credential, originalUrl } = request;
        const folder = withoutSlash(request);
        if (folder !== null) return reply.redirect(`${folder}/${originalUrl.slice(originalUrl.split('?', 1)[0]?.length)}`, 302);
        const page = statePage(await view(parts, query, credential));
        return reply.type('text/html; charset=utf-8').header('content-security-policy', PAGE_POLICY).send(page);
      });
      addButtons(app, parts);
      done();
    },
    { prefix: '/plain' },
  );
}

/** Reads what a browser sends of a form. Of a field that is sent twice the last counts. */
function takeForms(app: ServerApp): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 4 * REQUEST_BYTES },
    (_request, text: string, parsed) => parsed(null, Object.fromEntries(new URLSearchParams(text))),
  );
}

function addButtons(app: ServerApp, { broker }: ServerParts): void {
  const button = (
    path: string,
    action: Action,
    body: typeof sendForm | ReturnType<typeof exactly>,
    press: (queue: string, form: Static<typeof sendForm>) => Promise<unknown>,
  ): void => {
    app.post(
      `/queues/:queue/${path}`,
      { config: { access: action, isPage: true, needsWrites: true, acts: { on: 'queue', action: path } }, schema: { params: queueParams, body } },
      async (request, reply) => {
        const { queue } = request.params;
        await press(queue, request.body as Static<typeof sendForm>);
        // The page stands two levels above, also where the plugin is mounted behind a prefix.
        return reply.redirect(`../../?queue=${encodeURIComponent(queue)}`, 303);
      },
    );
  };
  button('send', 'produce', sendForm, (queue, form) => broker.send(queue, messageOf(form)));
  button('redrive', 'admin', exactly({}), (queue) => broker.redrive(queue));
  button('purge', 'admin', exactly({}), (queue) => broker.purge(queue));
}

function messageOf({ body, contentType = '', delaySeconds = '' }: Static<typeof sendForm>): OutgoingMessage {
  const delay = Math.min(Number(delaySeconds), VISIBILITY_SECONDS);
  const rest = { ...(delay > 0 ? { delaySeconds: delay } : {}) };
  if (contentType !== '' && contentType !== 'application/json') return { ...rest, contentType, body };
  try {
    return { ...rest, body: JSON.parse(body) as unknown };
  } catch {
    throw new RequestFault('body_not_json', 'The body is not JSON. For another text name its content type, such as text/plain.');
  }
}

async function view(parts: ServerParts, query: Static<typeof pageQuery>, credential: Credential | null): Promise<PageView> {
  const { broker } = parts;
  const { queues, next } = await listQueues(broker, { limit: MOST_QUEUES }, credential);
  const counted = queues.map(async (queue) => ({ queue, stats: await broker.stats(queue.name) }));
  return {
    now: new Date(),
    queues: await Promise.all(counted),
    hasMore: next !== null,
    shown: query.queue === undefined ? undefined : await shownQueue(parts, { ...query, queue: query.queue }, credential),
  };
}

async function shownQueue(
  { broker, allowWrites }: ServerParts,
  { queue, state, form }: Static<typeof pageQuery> & { readonly queue: string },
  credential: Credential | null,
): Promise<ShownQueue> {
  if (!allows(credential, 'read', queue)) throw new RequestFault('not_allowed', 'The token is not for this queue.');
  const may = (action: Action): boolean => (credential ? allows(credential, action, queue) : allowWrites);
  const messages = await messagesOf(broker, queue, state, credential);
  return { name: queue, state, form, messages, may: { send: may('produce'), manage: may('admin') } };
}

async function messagesOf(
  broker: Broker,
  queue: string,
  state: ShownState | undefined,
  credential: Credential | null,
): Promise<readonly PeekedMessage[]> {
  if (state !== 'dead') return (await broker.peek(queue, { limit: MOST_MESSAGES, ...(state ? { state } : {}) })).messages;
  try {
    return (await broker.peek(await deadLetterQueueOf(broker, queue, credential, 'read'), { limit: MOST_MESSAGES })).messages;
  } catch (error) {
    // A dead-letter queue is made when the first message moves there.
    if (isHoldfastError(error, 'HOLDFAST_QUEUE_UNKNOWN')) return [];
    throw error;
  }
}
