import { PAYLOAD_BYTES } from './limits';

/** Maximum size of the body of a message, in bytes of the body itself. */
export const MESSAGE_BODY_BYTES = PAYLOAD_BYTES;

/** Maximum number of messages or receipts of one call. */
export const MESSAGES_A_CALL = 100;

/** Maximum length of the name of a queue of the broker. */
export const QUEUE_NAME_CHARACTERS = 128;

/** Maximum visibility timeout, and maximum time from a receive to the end of its last extension. */
export const VISIBILITY_SECONDS = 43_200;

/** Maximum time that a receive waits for a message. */
export const WAIT_SECONDS = 20;

/** Maximum value of `maxReceiveCount`. */
export const RECEIVES_MOST = 1_000;

/** Maximum length of a group, of a deduplication id and of the id of a receive. */
export const GROUP_CHARACTERS = 128;

/** Limits of the attributes of a message: their number, the length of a name, and the size of all in bytes. */
export const MESSAGE_ATTRIBUTES = 10;
export const ATTRIBUTE_NAME_CHARACTERS = 256;
export const ATTRIBUTES_BYTES = 64 * 1024;

/** Limits of the tags of a queue. */
export const QUEUE_TAGS = 50;
