/**
 * How values are written and read, whatever the URL or the client of an application prefers. Each is named, because the driver takes what is missing
 * from the client.
 */
export const BSON_OPTIONS = Object.freeze({
  raw: false,
  promoteLongs: true,
  promoteValues: true,
  promoteBuffers: false,
  useBigInt64: false,
  bsonRegExp: false,
  ignoreUndefined: true,
  serializeFunctions: false,
  enableUtf8Validation: true,
});
