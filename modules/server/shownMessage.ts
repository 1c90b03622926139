import type { Message, PeekedMessage } from '../broker/brokerTypes';
import { clipText } from '../values/clipText';

/** Maximum length of a body on the page. */
const BODY_CHARACTERS = 2_000;

/** Bytes that are shown of a body that is no text. */
const SHOWN_BYTES = 64;

/** Returns the beginning of the body of a message in one line, without control characters. */
export const shortBody = ({ body }: Pick<Message, 'body'>, characters: number): string =>
  clipText(textOf(body), characters).replace(/[\p{Cc}\p{Cf}]+/gu, ' ');

/** Returns the beginning of the body of a message, with its lines. */
export const longBody = ({ body }: Message): string => clipText(textOf(body), BODY_CHARACTERS).replace(/[^\P{Cc}\n\t]/gu, '�');

function textOf(body: unknown): string {
  if (body instanceof Uint8Array) return `${body.length} bytes: ${Buffer.from(body).subarray(0, SHOWN_BYTES).toString('hex')}`;
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/** Returns the time until a message can be received, in whole seconds. */
export const until = ({ until: at }: Pick<PeekedMessage, 'until'>, now: Date): string =>
  at === null ? '' : `${Math.max(0, Math.ceil((at.getTime() - now.getTime()) / 1_000))} s`;
