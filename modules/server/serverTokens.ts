import { serverCredential, serverToken } from '../../config/serverOptions';
import type { ServerCredential, ServerToken } from '../../config/serverOptions';
import { resolveOptions } from '../options/resolveOptions';

/** A token as it is written: what is left out has its default. */
export type TokenArguments = Pick<ServerToken, 'name' | 'hash'> & Partial<ServerToken>;

/**
 * Fills in the defaults of tokens.
 *
 * @throws HOLDFAST_OPTION_UNKNOWN or HOLDFAST_OPTION_INVALID with the place of the token.
 */
export const serverTokens = (given: readonly unknown[]): readonly ServerToken[] =>
  given.map((token, index) => resolveOptions(serverToken, token, `tokens[${index}]`));

/** Keys for SQS as they are written: what is left out has its default. */
export type CredentialArguments = Pick<ServerCredential, 'accessKeyId' | 'secretAccessKey'> & Partial<ServerCredential>;

/**
 * Fills in the defaults of keys for SQS.
 *
 * @throws HOLDFAST_OPTION_UNKNOWN or HOLDFAST_OPTION_INVALID with the place of the key.
 */
export const serverCredentials = (given: readonly unknown[]): readonly ServerCredential[] =>
  given.map((credential, index) => resolveOptions(serverCredential, credential, `credentials[${index}]`));
