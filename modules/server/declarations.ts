import { readFileSync } from 'node:fs';
import { queuesDocument } from '../../config/serverOptions';
import type { DeclaredQueue } from '../../config/serverOptions';
import { HoldfastError } from '../errors/holdfastError';
import { checkOptions } from '../options/checkOptions';
import { isRecord } from '../values/isRecord';
import { serverCredentials, serverTokens } from './serverTokens';
import type { ServerCredential, ServerToken } from '../../config/serverOptions';

/**
 * Reads a file of queues: `{ "queues": [{ "name": … }] }`.
 *
 * @throws HOLDFAST_OPTION_… with the place of the fault.
 */
export function readQueues(path: string): readonly DeclaredQueue[] {
  const given = parse(textOf(path, '--queues-file'), '--queues-file');
  checkOptions(queuesDocument, given, 'queuesFile');
  return given.queues;
}

/**
 * Reads tokens from a file: `{ "tokens": [{ "name": …, "hash": … }] }`.
 *
 * @throws HOLDFAST_OPTION_… with the place of the fault. It never quotes the text.
 */
export const readTokens = (path: string): readonly ServerToken[] => tokensIn(textOf(path, '--tokens-file'), '--tokens-file');

/** Reads tokens from the text of the variable HOLDFAST_TOKENS, which is that of a file. */
export function tokensIn(text: string, source: string): readonly ServerToken[] {
  const given = parse(text, source);
  const tokens: unknown = isRecord(given) ? given['tokens'] : undefined;
  if (!Array.isArray(tokens) || tokens.length === 0) throw invalid(source, 'JSON with a list of one or more "tokens"');
  return serverTokens(tokens);
}

/** Reads keys for SQS from a file: `{ "credentials": [{ "accessKeyId": …, "secretAccessKey": … }] }`. Faults never quote the text. */
export const readCredentials = (path: string): readonly ServerCredential[] => credentialsIn(textOf(path, '--credentials-file'), '--credentials-file');

/** Reads keys for SQS from the text of the variable HOLDFAST_CREDENTIALS, which is that of a file. */
export function credentialsIn(text: string, source: string): readonly ServerCredential[] {
  const given = parse(text, source);
  const credentials: unknown = isRecord(given) ? given['credentials'] : undefined;
  if (!Array.isArray(credentials) || credentials.length === 0) throw invalid(source, 'JSON with a list of one or more "credentials"');
  return serverCredentials(credentials);
}

function textOf(path: string, source: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw invalid(source, 'the path of a file that can be read', error);
  }
}

function parse(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The message of the parser quotes the text, which may hold secrets.
    throw invalid(source, 'a text in JSON');
  }
}

const invalid = (field: string, expected: string, cause?: unknown): HoldfastError =>
  new HoldfastError('HOLDFAST_OPTION_INVALID', { field, expected, ...(cause === undefined ? {} : { cause }) });
