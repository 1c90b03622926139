import { brokerQueueName, queueChanges } from './brokerOptions';
import { filePath, milliseconds, name, someFunction } from './optionKinds';
import { integer, list, oneOf, optional, record, text, truth, value } from './schema';
import type { ValueOf } from './schema';
import { QUEUE_NAME_CHARACTERS } from '../constants/brokerLimits';
import { MINUTE } from '../constants/limits';
import { SQS_ACCOUNT } from '../constants/sqsLimits';
import { ACTIONS, CLOSE_GRACE_MS, HEADERS_TIMEOUT_MS, REQUEST_TIMEOUT_MS, SERVER_PORT, TOKENS_MOST } from '../constants/serverLimits';

/** Options of the broker's HTTP server. */

/** A token as the server keeps it: its hash, and what it allows. */
export const serverToken = record({
  name: name({ description: 'Name of the token, for its owner.' }),
  hash: text({
    pattern: '^[0-9a-f]{64}$',
    expects: 'a SHA-256 hash of 64 hexadecimal digits, as `holdfast token` prints it',
    description: 'SHA-256 of the token.',
  }),
  actions: list(oneOf(ACTIONS), { minItems: 1, uniqueItems: true, default: [...ACTIONS], description: 'What it allows.' }),
  queues: text({
    pattern: `^[A-Za-z0-9_.:-]{0,${QUEUE_NAME_CHARACTERS}}$`,
    default: '',
    expects: 'the beginning of the names of queues',
    description: 'What the names of its queues begin with; empty for all queues.',
  }),
});

/** A pair of keys with which clients of SQS sign their requests, and what it allows. */
export const serverCredential = record({
  accessKeyId: text({
    pattern: '^[A-Za-z0-9_-]{1,128}$',
    expects: '1 to 128 letters, digits, hyphens and underscores',
    description: 'Name of the pair, which is no secret.',
  }),
  secretAccessKey: text({ minLength: 1, maxLength: 1_024, description: 'Secret, which both sides know.' }),
  actions: serverToken.properties.actions,
  queues: serverToken.properties.queues,
});

const publicUrl = optional(
  text({
    pattern: '^https?://[A-Za-z0-9_.:\\[\\]-]{1,255}(?:/[A-Za-z0-9_.~/-]{0,255})?$',
    expects: 'an address that begins with http:// or https://',
    env: 'HOLDFAST_PUBLIC_URL',
    description: 'Address of the server as clients see it, of which the URLs of queues in SQS are made; by default the `Host` of each request.',
  }),
);

const account = text({
  pattern: '^\\d{12}$',
  default: SQS_ACCOUNT,
  expects: '12 digits',
  env: 'HOLDFAST_ACCOUNT',
  description: 'Account that URLs and ARNs of queues in SQS name.',
});

const hostList = list(text({ minLength: 1, maxLength: 255, pattern: '^[A-Za-z0-9_.:\\[\\]*-]+$', expects: 'the name of a host, or *' }), {
  maxItems: 100,
  default: [],
  description: 'Names under which the server may be addressed, besides `localhost` and addresses; `*` allows all.',
});

const allowWrites = truth({
  default: false,
  description:
    'Allows to change tasks, queues and schedules over /v1/admin and by the buttons of the pages. With tokens or `authorize`, those decide.',
});
const createQueues = truth({ default: false, description: 'Makes a queue with the default attributes when a message is first sent to it.' });

/** Options of the plugin, which mounts in a server of yours. */
export const pluginOptions = record({
  tokens: optional(
    list(serverToken, { maxItems: TOKENS_MOST, description: 'Tokens, of which a request needs one. Without them every request is allowed.' }),
  ),
  authorize: optional(
    someFunction<never>({
      description: 'Function of a request that returns `{ user, may(action, queue) }` or null. It says who calls, where no known token does.',
    }),
  ),
  credentials: optional(
    list(serverCredential, {
      maxItems: TOKENS_MOST,
      description: 'Keys with which requests of SQS are signed. Without them and without tokens, signatures are not checked.',
    }),
  ),
  publicUrl,
  account,
  allowedHosts: hostList,
  allowWrites,
  createQueues,
});

const host = text({ minLength: 1, maxLength: 255, default: '127.0.0.1', env: 'HOLDFAST_HOST', description: 'Address to listen on.' });
const port = integer({
  minimum: 0,
  maximum: 65_535,
  default: SERVER_PORT,
  env: 'HOLDFAST_PORT',
  description: 'Port to listen on; 0 for any free one.',
});
const insecureNoAuth = truth({ default: false, description: 'Listens on an address that other machines reach although there are no tokens.' });

export const declaredQueue = record({
  name: brokerQueueName,
  attributes: optional(queueChanges),
  tags: optional(value<Readonly<Record<string, string>>>({ type: 'object', additionalProperties: text(), description: 'Texts of your own.' })),
});

/** Options of a server of its own. */
export const serverOptions = record({
  ...pluginOptions.properties,
  host,
  port,
  insecureNoAuth,
  queues: list(declaredQueue, {
    maxItems: 10_000,
    default: [],
    description: 'Queues to make, or to set to these attributes, before the server listens.',
  }),
  headersTimeoutMs: milliseconds(100, MINUTE, {
    default: HEADERS_TIMEOUT_MS,
    description: 'Time that a client may take for the headers of a request.',
  }),
  requestTimeoutMs: milliseconds(100, 10 * MINUTE, { default: REQUEST_TIMEOUT_MS, description: 'Time that a client may take for a whole request.' }),
  closeGraceMs: milliseconds(0, MINUTE, { default: CLOSE_GRACE_MS, description: 'Time that running requests have to end when the server closes.' }),
});

/** Options of `npx holdfast server`. Those without a value are flags. */
export const serverCliOptions = record({
  host,
  port,
  allowedHosts: hostList,
  tokensFile: optional(
    filePath({
      env: 'HOLDFAST_TOKENS_FILE',
      description: 'JSON file of tokens: see docs/broker.md. The variable HOLDFAST_TOKENS may hold the JSON itself.',
    }),
  ),
  credentialsFile: optional(
    filePath({
      env: 'HOLDFAST_CREDENTIALS_FILE',
      description: 'JSON file of keys for SQS: see docs/sqs.md. The variable HOLDFAST_CREDENTIALS may hold the JSON itself.',
    }),
  ),
  publicUrl,
  account,
  queuesFile: optional(filePath({ env: 'HOLDFAST_QUEUES_FILE', description: 'JSON file of queues to make: see docs/broker.md.' })),
  createQueues,
  allowWrites,
  insecureNoAuth,
});

/** Options of `npx holdfast token`. */
export const tokenOptions = record({
  name: name({ default: 'token', description: 'Name of the token, for its owner.' }),
  actions: serverToken.properties.actions,
  queues: serverToken.properties.queues,
});

/** The JSON of a file of queues, and of one of tokens. */
export const queuesDocument = record({ queues: serverOptions.properties.queues });
export const tokensDocument = record({ tokens: list(serverToken, { minItems: 1, maxItems: TOKENS_MOST }) });

export type ServerCredential = Readonly<ValueOf<typeof serverCredential>>;
export type ServerToken = Readonly<ValueOf<typeof serverToken>>;
export type PluginOptions = Readonly<ValueOf<typeof pluginOptions>>;
export type ServerOptions = Readonly<ValueOf<typeof serverOptions>>;
export type DeclaredQueue = Readonly<ValueOf<typeof declaredQueue>>;
export type ServerCliOptions = Readonly<ValueOf<typeof serverCliOptions>>;
