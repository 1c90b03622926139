import type { HttpAnswer } from './httpTypes';

/** The headers of an answer, as a client reads them. */
export type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** The body of an answer, which can be given up. */
interface RawBody extends AsyncIterable<Uint8Array> {
  on(event: 'error', listener: () => void): unknown;
  destroy(): unknown;
}

/** An answer whose body is not yet read. */
interface RawAnswer {
  readonly statusCode: number;
  readonly headers: RawHeaders;
  readonly body: RawBody;
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\b/i;

export const headerOf = (headers: RawHeaders, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
};

/** Reads an answer. A body that is too long is given up as soon as that is known, and with it the connection. */
export async function readAnswer({ statusCode, headers, body }: RawAnswer, limit: number, keptHeaders: readonly string[]): Promise<HttpAnswer> {
  const bytes = await bytesOf(body, headers, limit);
  return {
    status: statusCode,
    headers: Object.fromEntries(
      keptHeaders.flatMap((name) => {
        const value = headerOf(headers, name);
        return value === undefined ? [] : [[name, value]];
      }),
    ),
    body: bytes === null || bytes.length === 0 ? null : valueOf(bytes.toString('utf8'), headers),
    bodyDropped: bytes === null,
  };
}

/** Returns the body, or null if it is too long, or compressed: nobody asked for that. */
async function bytesOf(body: RawBody, headers: RawHeaders, limit: number): Promise<Buffer | null> {
  const isReadable = /^(?:identity)?$/i.test(headerOf(headers, 'content-encoding') ?? '') && !(Number(headerOf(headers, 'content-length')) > limit);
  const chunks: Uint8Array[] = [];
  let length = 0;
  // A body that is given up tells so by an error.
  body.on('error', () => undefined);
  if (isReadable) {
    for await (const chunk of body) {
      length += chunk.length;
      if (length > limit) return null;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }
  body.destroy();
  return null;
}

/** A body that says it is JSON and is not is kept as text. */
function valueOf(text: string, headers: RawHeaders): unknown {
  if (!JSON_TYPE.test(headerOf(headers, 'content-type') ?? '')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
