import { createHash, timingSafeEqual } from 'node:crypto';
import { RequestSigner } from 'aws4';
import { SIGNATURE_SKEW_MS } from '../../constants/sqsLimits';

/** A request as far as its signature covers it. */
export interface SignedRequest {
  readonly method: string;
  /** The path with its query, as it was sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/** What the Authorization header of a signed request says. */
export interface Authorization {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const HEADER =
  /^AWS4-HMAC-SHA256\s+Credential=([^/,\s]{1,128})\/(\d{8})\/([a-z0-9-]{1,32})\/sqs\/aws4_request,\s*SignedHeaders=([a-z0-9;-]{1,2048}),\s*Signature=([0-9a-f]{64})$/;

/** Reads the Authorization header of a signed request; undefined for any other. */
export function readAuthorization(header: string | undefined): Authorization | undefined {
  const [, accessKeyId, date, region, signedHeaders, signature] = HEADER.exec(header ?? '') ?? [];
  if (accessKeyId === undefined || date === undefined || region === undefined || signature === undefined) return undefined;
  return { accessKeyId, date, region, signedHeaders: (signedHeaders ?? '').split(';'), signature };
}

const INSTANT = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** Tells whether a request was signed within the last or next 15 minutes. */
export function isRecent({ headers }: SignedRequest, { date }: Authorization, nowMs: number): boolean {
  const given = headers['x-amz-date'];
  const text = typeof given === 'string' ? given : '';
  const [, year, month, day, hour, minute, second] = INSTANT.exec(text) ?? [];
  const atMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return text.startsWith(date) && Math.abs(nowMs - atMs) <= SIGNATURE_SKEW_MS;
}

const HASH = 'x-amz-content-sha256';

/** Tells whether a request was signed with a secret. The signatures are compared in constant time. */
export function isSignedWith(
  secretAccessKey: string,
  request: SignedRequest,
  { accessKeyId, region, signedHeaders, signature }: Authorization,
): boolean {
  const { headers, body, method, path } = request;
  if (!signedHeaders.includes('host') || !signedHeaders.every((name) => typeof headers[name] === 'string')) return false;
  // A hash that is signed in place of the body has to be that of the body.
  if (headers[HASH] !== undefined && headers[HASH] !== createHash('sha256').update(body).digest('hex')) return false;
  const others = Object.keys(headers).filter((name) => !signedHeaders.includes(name));
  const signed = {
    ...{ method, path, body, region, service: 'sqs' },
    headers: { ...Object.fromEntries(signedHeaders.map((name) => [name, headers[name] as string])), 'x-amz-date': headers['x-amz-date'] as string },
    extraHeadersToInclude: marked(signedHeaders),
    extraHeadersToIgnore: marked([...others, ...ADDED].filter((name) => !signedHeaders.includes(name))),
  };
  const { Authorization: made = '' } = new RequestSigner(signed, { accessKeyId, secretAccessKey }).sign().headers ?? {};
  const expected = readAuthorization(String(made));
  return expected !== undefined && timingSafeEqual(Buffer.from(expected.signature), Buffer.from(signature));
}

/** Headers that the signer adds by itself. */
const ADDED = ['content-type', 'content-length', 'x-amz-date'];

const marked = (names: readonly string[]): Record<string, true> => Object.fromEntries(names.map((name) => [name, true]));
