/** Returns a text as a part of a path. */
export const part = encodeURIComponent;

/** Returns a query of what is defined. */
export function query(given: Readonly<Record<string, string | number | undefined>>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(given)) if (value !== undefined) search.set(key, String(value));
  return `?${search.toString()}`;
}
