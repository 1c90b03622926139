import { BrokerError } from './brokerError';
import type { ClientMessage, ClientReceived, WireMessage } from './wire';

/**
 * Returns a message as JSON text. Bytes are base64 there.
 *
 * @throws BrokerError `option_invalid` if the body cannot be JSON.
 */
export function messageText({ body, ...rest }: ClientMessage): string {
  const wire =
    body instanceof Uint8Array
      ? { ...rest, bodyBase64: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64') }
      : { ...rest, body };
  try {
    return JSON.stringify(wire);
  } catch (cause) {
    throw new BrokerError('option_invalid', `message.body must be a JSON value: ${(cause as Error).message}`, { cause });
  }
}

/** Reads a message of an answer: its instants, and its bytes. */
export function receivedOf({ bodyBase64, body, ...rest }: WireMessage): ClientReceived {
  const { deadLetter } = rest;
  return {
    ...withDates(rest),
    body: bodyBase64 === undefined ? body : new Uint8Array(Buffer.from(bodyBase64, 'base64')),
    ...(deadLetter ? { deadLetter: { ...deadLetter, at: new Date(deadLetter.at) } } : {}),
  };
}

/** Reads the instants of an answer: the fields whose names end in `At`. */
export const withDates = <Answer extends object>(answer: Answer): Answer =>
  Object.fromEntries(
    Object.entries(answer).map(([name, value]) => [name, name.endsWith('At') && typeof value === 'string' ? new Date(value) : (value as unknown)]),
  ) as Answer;
