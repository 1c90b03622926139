import { createHash } from 'node:crypto';
import { ATTRIBUTE_NAME_CHARACTERS, MESSAGE_ATTRIBUTES } from '../../constants/brokerLimits';
import { SqsFault } from './sqsFault';

/** An attribute of a message as it stands in a request or an answer. Bytes are base64 text. */
export interface WireAttribute {
  readonly DataType?: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

export type WireAttributes = Readonly<Record<string, WireAttribute>>;

/** An attribute as a message keeps it: its type, and a text, which is base64 for bytes. */
export interface KeptAttributes {
  readonly attributes: Readonly<Record<string, string>>;
  readonly attributeTypes: Readonly<Record<string, string>>;
}

const TYPE = /^(?:String|Number|Binary)(?:\.[\s\S]{1,249})?$/;
/** SQS takes Latin letters with marks as well, which its documents do not tell. */
const NAME = /^[A-Za-z0-9_.\u00c0-\u017f-]+$/;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Characters that a text of SQS may have: those of XML 1.0. */
const PLAIN = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

export const isPlainText = (text: string): boolean => PLAIN.test(text);

const isBinary = (type: string): boolean => type.startsWith('Binary');

/**
 * Checks the attributes of a message.
 *
 * @throws SqsFault
 */
export function keptAttributes(given: WireAttributes): KeptAttributes {
  const entries = Object.entries(given);
  if (entries.length > MESSAGE_ATTRIBUTES)
    throw fault(`Number of message attributes [${entries.length}] exceeds the allowed maximum [${MESSAGE_ATTRIBUTES}].`);
  for (const [name, attribute] of entries) checkAttribute(name, attribute);
  return {
    attributes: Object.fromEntries(entries.map(([name, value]) => [name, valueOf(value)])),
    attributeTypes: Object.fromEntries(entries.map(([name, { DataType }]) => [name, DataType ?? ''])),
  };
}

const valueOf = ({ DataType = '', StringValue = '', BinaryValue = '' }: WireAttribute): string => (isBinary(DataType) ? BinaryValue : StringValue);

const fault = (message: string): SqsFault => new SqsFault('InvalidParameterValue', message);

function checkAttribute(name: string, { DataType, StringValue, BinaryValue }: WireAttribute): void {
  checkName(name);
  if (!DataType) throw fault(`The message attribute '${name}' must contain a non-empty message attribute type.`);
  if (!TYPE.test(DataType) || !isPlainText(DataType))
    throw fault(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  const value = isBinary(DataType) ? BinaryValue : StringValue;
  if (!value) throw fault(`Message (user) attribute '${name}' must contain a non-empty value of type '${DataType}'.`);
  if (isBinary(DataType) ? !BASE64.test(value) : !isPlainText(value))
    throw fault(`The message attribute '${name}' has a value with characters that its type does not allow.`);
  if (DataType.startsWith('Number') && !NUMBER.test(value)) throw fault(`Can't cast the value of message attribute '${name}' to a number.`);
}

function checkName(name: string): void {
  const isPlaced = !name.startsWith('.') && !name.endsWith('.') && !name.includes('..') && !/^(?:aws|amazon)\./i.test(name);
  if (name.length > ATTRIBUTE_NAME_CHARACTERS) throw fault(`Message attribute name must be shorter than ${ATTRIBUTE_NAME_CHARACTERS} bytes.`);
  if (NAME.test(name) && isPlaced && name !== '__proto__') return;
  throw fault(
    `The message attribute name '${name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters.`,
  );
}

/** Returns the bytes that attributes count towards the size of a message: names, types and values. */
export const attributeBytes = ({ attributes, attributeTypes }: KeptAttributes): number =>
  Object.entries(attributes).reduce((total, [name, value]) => {
    const type = attributeTypes[name] ?? 'String';
    return total + Buffer.byteLength(name) + Buffer.byteLength(type) + bytesOf(value, type).length;
  }, 0);

const bytesOf = (value: string, type: string): Buffer => Buffer.from(value, isBinary(type) ? 'base64' : 'utf8');

/** Returns the attributes as they stand in an answer. One without a type, which was sent through another API, is a String. */
export const wireAttributes = ({ attributes, attributeTypes }: KeptAttributes): WireAttributes =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => {
      const DataType = attributeTypes[name] ?? 'String';
      return [name, isBinary(DataType) ? { BinaryValue: value, DataType } : { StringValue: value, DataType }];
    }),
  );

/** Picks the attributes that a receive asks for: all, those of a name, or those whose names begin so. */
export function chosenAttributes(given: KeptAttributes, wanted: readonly string[]): KeptAttributes {
  const isWanted = (name: string): boolean =>
    wanted.some((one) => one === 'All' || one === '*' || one === '.*' || one === name || (one.endsWith('.*') && name.startsWith(one.slice(0, -2))));
  const attributes = Object.fromEntries(Object.entries(given.attributes).filter(([name]) => isWanted(name)));
  return { attributes, attributeTypes: given.attributeTypes };
}

const TEXT_MARK = Buffer.from([1]);
const BYTES_MARK = Buffer.from([2]);

/** Returns the MD5 of attributes, by which clients check that they arrived whole; undefined if there are none. */
export function attributesMd5({ attributes, attributeTypes }: KeptAttributes): string | undefined {
  const names = Object.keys(attributes).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  for (const name of names) {
    const type = attributeTypes[name] ?? 'String';
    addPart(hash, Buffer.from(name));
    addPart(hash, Buffer.from(type));
    hash.update(isBinary(type) ? BYTES_MARK : TEXT_MARK);
    addPart(hash, bytesOf(attributes[name] ?? '', type));
  }
  return hash.digest('hex');
}

function addPart(hash: ReturnType<typeof createHash>, bytes: Buffer): void {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  hash.update(length).update(bytes);
}

export const textMd5 = (text: string): string => createHash('md5').update(text).digest('hex');
