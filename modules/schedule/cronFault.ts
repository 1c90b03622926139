import type * as croner from 'croner';

/** The fields of a cron expression, with seconds first. */
const FIELDS = [
  { name: 'second', takes: '0 to 59' },
  { name: 'minute', takes: '0 to 59' },
  { name: 'hour', takes: '0 to 23' },
  { name: 'day of the month', takes: '1 to 31, or L for the last' },
  { name: 'month', takes: '1 to 12, or JAN to DEC' },
  { name: 'day of the week', takes: '0 to 7, where 0 and 7 are Sunday, or SUN to SAT' },
] as const;

/** What is wrong with a cron expression, as an error tells it. */
export interface CronFault {
  readonly expected: string;
  readonly got?: string;
}

/** Finds the field of a cron expression that cannot be read, by trying each alone. An expression is no secret, so a field may be quoted. */
export function cronFaultOf(cron: string): CronFault {
  const parts = cron.trim().split(/\s+/);
  const fields = FIELDS.slice(FIELDS.length - parts.length);
  if (parts.length < 5 || parts.length > 6) {
    const got = cron.startsWith('@') ? `${quoted(cron)}` : `${parts.length} ${parts.length === 1 ? 'field' : 'fields'}`;
    return { expected: 'a cron expression of five or six fields, as 0 2 * * * or */5 * * * * *, or a nickname such as @daily', got };
  }
  const at = parts.findIndex((part, index) => !isReadable(parts.map((_, other) => (other === index ? part : '*')).join(' ')));
  const field = fields[at];
  if (!field) return { expected: 'a cron expression of five or six fields, as 0 2 * * * or */5 * * * * *' };
  return {
    expected: `a cron expression whose field ${at + 1}, the ${field.name}, is *, or of ${field.takes}, with ranges, lists and steps`,
    got: quoted(parts[at] ?? ''),
  };
}

const quoted = (text: string): string => JSON.stringify(text.slice(0, 40));

function isReadable(cron: string): boolean {
  try {
    new (require('croner') as typeof croner).Cron(cron, { paused: true });
    return true;
  } catch {
    return false;
  }
}
