/** The fields that a filter may name. */
const FIELDS = ['id', 'status', 'subEndAt'] as const;

/** One condition of a filter such as `status=SUBMISSION&subEndAt<2026-01-01T00:00:00.000Z&id>50`. */
export interface Condition {
  readonly field: (typeof FIELDS)[number];
  readonly is: '=' | '<' | '>';
  /** A number for an id, milliseconds for an instant. */
  readonly value: number | string;
}

/** Reads a filter. Returns null if it is malformed: a condition that was passed over would list, or change, more than was meant. */
export function readFilter(filter: string): Condition[] | null {
  const conditions = filter.split('&').filter(Boolean).map(readCondition);
  return conditions.includes(null) ? null : (conditions as Condition[]);
}

function readCondition(text: string): Condition | null {
  const [, field, is, given = ''] = /^(\w+)([=<>])(.+)$/.exec(text) ?? [];
  if (!FIELDS.includes(field as Condition['field'])) return null;
  const value = field === 'id' ? Number(given) : field === 'subEndAt' ? Date.parse(given) : given;
  return Number.isNaN(value) ? null : { field: field as Condition['field'], is: is as Condition['is'], value };
}
