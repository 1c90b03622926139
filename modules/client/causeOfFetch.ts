/** What is known of an error of fetch. Its own message is "fetch failed" whatever has happened; its cause tells it. */
interface FetchError {
  readonly name?: string;
  readonly message?: string;
  readonly cause?: { readonly code?: string; readonly message?: string };
}

/** What each code of a cause means. */
const BY_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at this address',
  ENOTFOUND: 'the name of the host does not resolve',
  EAI_AGAIN: 'the name of the host cannot be resolved now',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to its network',
  ETIMEDOUT: 'the host does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'the host does not answer',
  UND_ERR_HEADERS_TIMEOUT: 'the answer did not come in time',
  UND_ERR_BODY_TIMEOUT: 'the answer did not come in time',
  ECONNRESET: 'the connection was closed before the answer had come',
  EPIPE: 'the connection was closed before the answer had come',
  UND_ERR_SOCKET: 'the connection was closed before the answer had come; a server with TLS needs https://',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what answers there does not speak TLS; a server without it needs http://',
  EPROTO: 'what answers there does not speak TLS; a server without it needs http://',
};

/** What each message of a cause without a code means. */
const BY_MESSAGE: Readonly<Record<string, string>> = {
  'bad port': 'fetch connects to no such port, which is that of another protocol; let the server listen on another one',
  'unexpected redirect': 'it answers with a redirect; give the address to which that leads',
};

/** Says in words why fetch has got no answer, with the code of the cause if there is one. */
export function causeOfFetch(error: unknown): string {
  const { name, message = '', cause: { code, message: reason = '' } = {} } = error as FetchError;
  if (name === 'TimeoutError') return 'the answer did not come in time';
  if (code === undefined) return BY_MESSAGE[reason] ?? (reason || message);
  return `${BY_CODE[code] ?? familyOf(code) ?? (firstLine(reason) || message)} (${code})`;
}

function familyOf(code: string): string | undefined {
  if (code.startsWith('HPE_')) return 'what answers there does not speak HTTP';
  if (code.startsWith('ERR_SSL_')) return 'TLS cannot be agreed on';
  if (/CERT|SIGNATURE|ISSUER|ERR_TLS_/.test(code)) return 'its certificate is not trusted';
  return undefined;
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
