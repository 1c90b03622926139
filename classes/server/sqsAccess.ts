import type { FastifyRequest } from 'fastify';
import type { ServerCredential } from '../../config/serverOptions';
import { credentialOf, presentedToken } from '../../modules/server/tokens';
import type { Credential } from '../../modules/server/credential';
import { isRecent, isSignedWith, readAuthorization } from '../../modules/sqs/signature';
import { SqsFault } from '../../modules/sqs/sqsFault';
import { authorizedBy } from './accessGuard';
import type { ServerParts, SqsKey } from './serverParts';

/** Returns the keys by their names. */
export const sqsKeys = (credentials: readonly ServerCredential[]): ReadonlyMap<string, SqsKey> =>
  new Map(
    credentials.map(({ accessKeyId, secretAccessKey, actions, queues }) => [
      accessKeyId,
      { secretAccessKey, credential: credentialOf({ name: accessKeyId, actions, queues }) },
    ]),
  );

type Known = Pick<ServerParts, 'lookup' | 'authorize' | 'credentials'>;

/**
 * Finds out who sends a request of SQS: by its signature, by a token, or as the program around the server says.
 *
 * @returns null where every request is allowed.
 * @throws SqsFault
 */
export async function senderOf(request: FastifyRequest, body: Buffer, { lookup, authorize, credentials }: Known): Promise<Credential | null> {
  if (!lookup && !credentials && !authorize) return null;
  const { authorization } = request.headers;
  const token = lookup && presentedToken(authorization);
  if (token !== undefined) return lookup?.(token) ?? refuse('InvalidClientTokenId', 'The server has no token with this hash.');
  if (credentials) return signerOf(request, body, credentials);
  if (authorize) return authorizedBy(request, authorize);
  throw new SqsFault('MissingAuthenticationToken', 'The server knows no access keys, only tokens. Give it credentials for SQS: see docs/sqs.md.');
}

function signerOf(request: FastifyRequest, body: Buffer, credentials: ReadonlyMap<string, SqsKey>): Credential {
  const signed = { method: request.method, path: request.originalUrl, headers: request.headers, body };
  const authorization = readAuthorization(request.headers.authorization);
  if (!authorization) throw new SqsFault('MissingAuthenticationToken', 'The request must be signed with Signature Version 4 for the service sqs.');
  const key = credentials.get(authorization.accessKeyId);
  if (!key) throw new SqsFault('InvalidClientTokenId', 'The server has no access key of this name.');
  if (!isRecent(signed, authorization, Date.now()))
    return refuse('SignatureDoesNotMatch', 'Signature expired: its time is more than 15 minutes off.');
  if (!isSignedWith(key.secretAccessKey, signed, authorization))
    return refuse(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your secret access key.',
    );
  return key.credential;
}

function refuse(error: 'InvalidClientTokenId' | 'SignatureDoesNotMatch', message: string): never {
  throw new SqsFault(error, message);
}
