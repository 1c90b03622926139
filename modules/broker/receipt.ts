import { createHmac, timingSafeEqual } from 'node:crypto';
import { HoldfastError } from '../errors/holdfastError';
import { uuidBytes, uuidOf } from '../task/uuidBytes';

/** One receive of a message. */
export interface Receipt {
  readonly queue: string;
  readonly id: string;
  /** The token of its lease. */
  readonly token: string;
  /** The number of its claim, which rises with each: so a receipt is known to be stale. */
  readonly attempt: number;
  readonly receivedAtMs: number;
  /** True if its queue is a FIFO queue. */
  readonly isFifo: boolean;
}

/** The version of the format, one for each kind of queue; the layout of a receipt: version, id, token, attempt, time, queue, and its signature at the end. */
const VERSION = 1;
const FIFO_VERSION = 2;
const ID_AT = 1;
const TOKEN_AT = 17;
const ATTEMPT_AT = 33;
const TIME_AT = 37;
const QUEUE_AT = 43;
const SIGNATURE_BYTES = 16;
const TIME_BYTES = 6;

/** Makes the text of a receipt: opaque, and signed, so that nobody can name a message that was not handed out to them. */
export function writeReceipt({ queue, id, token, attempt, receivedAtMs, isFifo }: Receipt, key: Buffer): string {
  const name = Buffer.from(queue);
  const body = Buffer.alloc(QUEUE_AT + name.length);
  body.writeUInt8(isFifo ? FIFO_VERSION : VERSION);
  uuidBytes(id).copy(body, ID_AT);
  uuidBytes(token).copy(body, TOKEN_AT);
  body.writeUInt32BE(attempt, ATTEMPT_AT);
  body.writeUIntBE(receivedAtMs, TIME_AT, TIME_BYTES);
  name.copy(body, QUEUE_AT);
  return Buffer.concat([body, sign(body, key)]).toString('base64url');
}

/**
 * Reads a receipt.
 *
 * @throws HOLDFAST_RECEIPT_INVALID if it was not made with this key.
 */
export function readReceipt(text: string, key: Buffer): Receipt {
  const bytes = Buffer.from(text, 'base64url');
  const body = bytes.subarray(0, -SIGNATURE_BYTES);
  const version = body.length > QUEUE_AT && bytes.toString('base64url') === text ? body.readUInt8() : 0;
  const isWhole = version === VERSION || version === FIFO_VERSION;
  if (!isWhole || !timingSafeEqual(sign(body, key), bytes.subarray(-SIGNATURE_BYTES))) throw new HoldfastError('HOLDFAST_RECEIPT_INVALID');
  return {
    queue: body.toString('utf8', QUEUE_AT),
    id: uuidOf(body.subarray(ID_AT, TOKEN_AT)),
    token: uuidOf(body.subarray(TOKEN_AT, ATTEMPT_AT)),
    attempt: body.readUInt32BE(ATTEMPT_AT),
    receivedAtMs: body.readUIntBE(TIME_AT, TIME_BYTES),
    isFifo: version === FIFO_VERSION,
  };
}

const sign = (body: Buffer, key: Buffer): Buffer => createHmac('sha256', key).update(body).digest().subarray(0, SIGNATURE_BYTES);
