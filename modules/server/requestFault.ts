import type { ErrorObject } from 'ajv';
import type { ProblemCode } from '../../constants/problems';
import { describeValue } from '../errors/holdfastError';
import { wordsOf } from './patternWords';
import { pointerOf, RequestFault } from './problem';
import type { RequestPart } from './problem';

/** An error of the HTTP framework: a fault of the request with a code and a status, or a schema that does not hold. */
export interface FrameworkError {
  readonly code?: string;
  readonly statusCode?: number;
  readonly message: string;
  readonly validation?: readonly ErrorObject[];
  readonly validationContext?: string;
}

const PARTS: Readonly<Record<string, RequestPart>> = { body: 'body', querystring: 'query', params: 'path', headers: 'header' };

const BY_STATUS: Readonly<Record<number, ProblemCode>> = {
  400: 'malformed_request',
  404: 'route_unknown',
  408: 'request_timeout',
  413: 'request_too_large',
  414: 'route_unknown',
  415: 'content_type_unsupported',
  431: 'headers_too_large',
};

/** Returns the fault of the request that an error of the framework reports; undefined if it is a fault of the server. */
export function requestFaultOf(error: FrameworkError): RequestFault | undefined {
  if (error.validation) return schemaFault(error.validation, PARTS[error.validationContext ?? 'body'] ?? 'body');
  const code = error.code?.startsWith('FST_') ? BY_STATUS[error.statusCode ?? 500] : undefined;
  return code === undefined ? undefined : new RequestFault(code, `${error.message.replace(/\.$/, '')}.`);
}

function schemaFault([first]: readonly ErrorObject[], part: RequestPart): RequestFault {
  if (!first) return new RequestFault('invalid_request', 'The request does not match its schema.');
  const { additionalProperty, missingProperty } = first.params as { readonly additionalProperty?: string; readonly missingProperty?: string };
  const name = additionalProperty ?? missingProperty;
  const pointer = `${first.instancePath}${name === undefined ? '' : pointerOf([name])}`;
  const code = additionalProperty === undefined ? 'invalid_request' : 'unknown_field';
  return new RequestFault(code, `${part} ${pointer}: ${saysOf(first, additionalProperty, missingProperty)}.`, { place: { in: part, pointer } });
}

function saysOf(error: ErrorObject, additional: string | undefined, missing: string | undefined): string {
  if (additional !== undefined) return 'there is no such field';
  if (missing !== undefined) return 'the field is missing';
  const allowed = (error.params as { readonly allowedValues?: readonly unknown[] }).allowedValues;
  if (error.keyword === 'pattern') return `must be ${wordsOf(String(error.schema))}, got ${describeValue(error.data)}`;
  return `${error.message ?? 'the value is invalid'}${allowed ? `: ${allowed.join(', ')}` : ''}, got ${describeValue(error.data)}`;
}
