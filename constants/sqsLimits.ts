import { MESSAGE_BODY_BYTES } from './brokerLimits';

/** Limits of the SQS endpoint, which are those of SQS. */

/** Maximum number of entries of a batch, and of messages of a receive. */
export const SQS_ENTRIES = 10;

/** Maximum size of a message, and of all messages of a batch, attributes included. */
export const SQS_MESSAGE_BYTES = MESSAGE_BODY_BYTES;

/** Minimum of the attribute MaximumMessageSize. */
export const SQS_LEAST_MESSAGE_BYTES = 1_024;

/** Maximum delay of a message, and of the attribute DelaySeconds. */
export const SQS_DELAY_SECONDS = 900;

/** Bounds of the attribute MessageRetentionPeriod. */
export const SQS_LEAST_RETENTION_SECONDS = 60;
export const SQS_RETENTION_SECONDS = 1_209_600;

/** Maximum length of the name of a queue that is made through this endpoint. */
export const SQS_NAME_CHARACTERS = 80;

/** Maximum number of queues of one page. */
export const SQS_PAGE_QUEUES = 1_000;

/** Maximum number of actions of one permission. */
export const SQS_PERMISSION_ACTIONS = 7;

/** Maximum length of a group or deduplication id. */
export const SQS_ID_CHARACTERS = 128;

/** The account and the region of queues where nothing else is said. */
export const SQS_ACCOUNT = '000000000000';
export const SQS_REGION = 'us-east-1';

/** Maximum difference in milliseconds between the time of a signature and that of the server. */
export const SIGNATURE_SKEW_MS = 15 * 60_000;
