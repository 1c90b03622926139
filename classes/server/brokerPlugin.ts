import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { pluginOptions } from '../../config/serverOptions';
import type { PluginOptions } from '../../config/serverOptions';
import { resolveOptions } from '../../modules/options/resolveOptions';
import { serverCredentials, serverTokens } from '../../modules/server/serverTokens';
import type { CredentialArguments, TokenArguments } from '../../modules/server/serverTokens';
import { tokenLookup } from '../../modules/server/tokens';
import { Admin } from '../admin/admin';
import { Broker } from '../broker/broker';
import type { Store } from '../store/store';
import { partsOf } from '../store/storeParts';
import { addBrokerRoutes } from './brokerRoutes';
import type { Authorize } from './serverParts';
import { sqsKeys } from './sqsAccess';

/** What the plugin takes: an opened store, and options of `config/serverOptions`. */
export interface BrokerPluginOptions extends Partial<Omit<PluginOptions, 'tokens' | 'authorize' | 'credentials'>> {
  /** The store of the messages. It stays open when the server closes. */
  readonly store: Store;
  /** Tokens, of which a request needs one. Without them every request is allowed. */
  readonly tokens?: readonly TokenArguments[];
  /**
   * Tells who calls and what that user may do, from a session or a header of your program; null for somebody unknown, who is refused. A known token needs
   * no answer of it.
   */
  readonly authorize?: Authorize;
  /** Keys with which requests of SQS are signed. */
  readonly credentials?: readonly CredentialArguments[];
}

/**
 * Mounts the broker in a Fastify server of yours: all routes of `docs/broker.md`, behind the prefix that you register it with. Its parsers, checks and
 * errors are its own, and change nothing outside.
 *
 * @throws HOLDFAST_OPTION_…
 * @example
 * const app = Fastify();
 * await app.register(brokerPlugin, { prefix: '/broker', store, tokens });
 */
export const brokerPlugin: FastifyPluginAsync<BrokerPluginOptions> = async (app: FastifyInstance, { store, ...given }) => {
  const { tokens, authorize, credentials, publicUrl, account, allowedHosts, allowWrites, createQueues } = resolvePlugin(given);
  const { events, internalErrors } = partsOf(store);
  const broker = new Broker(store, { createsQueues: createQueues });
  // Closing ends the long polls, which the framework would wait for.
  app.addHook('preClose', () => broker.close());
  await addBrokerRoutes(app, {
    ...{ broker, admin: new Admin(store), allowedHosts, allowWrites, authorize, publicUrl, account },
    credentials: credentials && sqsKeys(credentials),
    lookup: tokens && tokenLookup(tokens),
    onAct: (act) => events.emit('admin-acted', act),
    onBug: (error) => internalErrors.note('serve', error),
  });
};

/** Options of `register`, which the framework passes on to the plugin. */
const FRAMEWORK_OPTIONS: ReadonlySet<string> = new Set(['prefix', 'logLevel', 'logSerializers']);

function resolvePlugin(given: Omit<BrokerPluginOptions, 'store'>): PluginOptions {
  const own = Object.fromEntries(Object.entries(given).filter(([key]) => !FRAMEWORK_OPTIONS.has(key)));
  const { tokens, credentials, ...rest } = own as Partial<BrokerPluginOptions>;
  const secrets = { ...(tokens ? { tokens: serverTokens(tokens) } : {}), ...(credentials ? { credentials: serverCredentials(credentials) } : {}) };
  return resolveOptions(pluginOptions, { ...rest, ...secrets }, 'server');
}
