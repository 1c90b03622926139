/** Reads a property of any value. One that cannot be read, for example because its getter throws, is not there. */
export function readProperty(value: unknown, key: PropertyKey): unknown {
  try {
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<PropertyKey, unknown>>)[key] : undefined;
  } catch {
    return undefined;
  }
}
