import { MESSAGE_BODY_BYTES } from './brokerLimits';
import { NAME_CHARACTERS, SECOND } from './limits';

/** The first port of the dashboard beside a worker, and the number of ports that are tried. None is that of the broker, which may start later. */
export const DASHBOARD_PORT = 9_330;
export const DASHBOARD_PORTS = 20;

/** The port of the broker, if none is given. */
export const SERVER_PORT = 9_324;

/**
 * Maximum size of a request that sends messages in JSON. A body of 1 MiB fits in, also if JSON escapes each byte of it to six, with its attributes.
 */
export const SEND_REQUEST_BYTES = 8 * MESSAGE_BODY_BYTES;

/** Maximum size of every other request. A hundred receipts with reasons need less. */
export const REQUEST_BYTES = MESSAGE_BODY_BYTES;

/** Maximum size of the headers of a request. */
export const HEADER_BYTES = 16 * 1024;

/** Maximum length of a name in a path: as many characters as a queue may have, each of four bytes that a URL writes as three characters. */
export const PARAM_LENGTH = 12 * NAME_CHARACTERS;

/** Maximum length of a receipt. */
export const RECEIPT_CHARACTERS = 1_024;

/** The time that a client may take for the headers of a request, and for all of it. */
export const HEADERS_TIMEOUT_MS = 10 * SECOND;
export const REQUEST_TIMEOUT_MS = 30 * SECOND;

/** Time in which a server waits for the requests that it has, before it closes their connections. */
export const CLOSE_GRACE_MS = 10 * SECOND;

/** The time after which a client may repeat a call that the store did not answer. */
export const RETRY_AFTER_SECONDS = 1;

/** What a token may allow: to send; to receive and settle; to look; to manage queues. */
export const ACTIONS = ['produce', 'consume', 'read', 'admin'] as const;

export type Action = (typeof ACTIONS)[number];

/** Most streams of server-sent events of one server. */
export const STREAMS_MOST = 100;

/** Number of random bytes in a token. */
export const TOKEN_BYTES = 32;

/** The most tokens of one server. Each request is compared with all of them. */
export const TOKENS_MOST = 100;
