import { RequestFault } from './problem';

/**
 * Reads an instant of a request.
 *
 * @throws RequestFault
 */
export function instantIn(text: string, pointer: string, part: 'body' | 'query' = 'body'): Date {
  const at = new Date(text);
  if (!Number.isNaN(at.getTime()) && /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d/.test(text)) return at;
  throw new RequestFault('invalid_request', `${part} ${pointer}: must be an instant such as 2026-01-31T12:00:00Z.`, { place: { in: part, pointer } });
}
