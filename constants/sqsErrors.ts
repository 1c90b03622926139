/** The service whose name stands before the name of an error on the wire. */
const SQS = 'com.amazonaws.sqs';
const COMMON = 'com.amazon.coral.service';

/** What begins the codes of most errors in the older protocol, by which clients still know them. */
const OLD = 'AWS.SimpleQueueService';

/** An error of the SQS endpoint as it goes over the wire. */
export interface SqsErrorRow {
  /** The name that follows `__type`. */
  readonly type: string;
  readonly status: number;
  /** The code of the older protocol. Clients that ask for it know the error by this name. */
  readonly code: string;
  /** When it is answered, for the documents. */
  readonly when: string;
}

const own = (name: string, code: string, when: string, status = 400): SqsErrorRow => ({ type: `${SQS}#${name}`, status, code, when });
const common = (name: string, code: string, when: string, status = 400): SqsErrorRow => ({ type: `${COMMON}#${name}`, status, code, when });

/** The errors of the SQS endpoint. */
export const SQS_ERRORS = {
  QueueDoesNotExist: own('QueueDoesNotExist', `${OLD}.NonExistentQueue`, 'There is no queue of this name.'),
  QueueNameExists: own('QueueNameExists', 'QueueAlreadyExists', 'The queue exists with other attributes than those named.'),
  ReceiptHandleIsInvalid: own('ReceiptHandleIsInvalid', 'ReceiptHandleIsInvalid', 'The handle is not one of this queue.'),
  InvalidMessageContents: own('InvalidMessageContents', 'InvalidMessageContents', 'The body has characters that XML does not allow.'),
  InvalidAttributeName: own('InvalidAttributeName', 'InvalidAttributeName', 'There is no attribute of this name, or it cannot be set.'),
  InvalidAttributeValue: own('InvalidAttributeValue', 'InvalidAttributeValue', 'The value of an attribute of a queue is not one that it may have.'),
  BatchEntryIdsNotDistinct: own('BatchEntryIdsNotDistinct', `${OLD}.BatchEntryIdsNotDistinct`, 'Two entries have one Id.'),
  EmptyBatchRequest: own('EmptyBatchRequest', `${OLD}.EmptyBatchRequest`, 'A batch has no entries.'),
  TooManyEntriesInBatchRequest: own('TooManyEntriesInBatchRequest', `${OLD}.TooManyEntriesInBatchRequest`, 'A batch has more than 10 entries.'),
  BatchRequestTooLong: own('BatchRequestTooLong', `${OLD}.BatchRequestTooLong`, 'The messages of a batch have more than 1,048,576 bytes.'),
  InvalidBatchEntryId: own(
    'InvalidBatchEntryId',
    `${OLD}.InvalidBatchEntryId`,
    'The Id of an entry is not 1 to 80 letters, digits, hyphens and underscores.',
  ),
  OverLimit: own('OverLimit', 'OverLimit', 'More than 7 actions in one permission.', 403),
  ResourceNotFoundException: own('ResourceNotFoundException', 'ResourceNotFoundException', 'There is no such queue or move task.', 404),
  InvalidParameterValue: common('InvalidParameterValueException', 'InvalidParameterValue', 'A parameter has a value that it may not have.'),
  InvalidParameterCombination: common('InvalidParameterCombinationException', 'InvalidParameterCombination', 'Parameters do not go together.'),
  MissingParameter: common('MissingRequiredParameterException', 'MissingParameter', 'A parameter is missing.'),
  SerializationException: common('SerializationException', 'SerializationException', 'The request is not JSON, or a value has another type.'),
  UnknownOperation: common('UnknownOperationException', 'InvalidAction', 'There is no action of this name.'),
  MissingAuthenticationToken: common(
    'MissingAuthenticationTokenException',
    'MissingAuthenticationToken',
    'The server has credentials, and the request is not signed.',
    403,
  ),
  InvalidClientTokenId: common('UnrecognizedClientException', 'InvalidClientTokenId', 'The access key is not one of the server.', 403),
  SignatureDoesNotMatch: common(
    'InvalidSignatureException',
    'SignatureDoesNotMatch',
    'The signature is wrong, or its time is more than 15 minutes off.',
    403,
  ),
  AccessDenied: common('AccessDeniedException', 'AccessDenied', 'The credentials do not allow this, or the host name or origin is refused.', 403),
  RequestTooLarge: common('RequestEntityTooLargeException', 'RequestEntityTooLarge', 'The request has more than 8 MiB.', 413),
  ServiceUnavailable: common('ServiceUnavailableException', 'ServiceUnavailable', 'The store did not answer. Clients try again.', 503),
  InternalFailure: common('InternalFailure', 'InternalFailure', 'The server has a fault. Its log has the reason.', 500),
} as const satisfies Readonly<Record<string, SqsErrorRow>>;

export type SqsErrorName = keyof typeof SQS_ERRORS;
