import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { openApiDocument } from '../classes/server/openApiDocument';

/** Writes modules/client/wireTypes.ts: the types of the client, of the OpenAPI document of the broker. */

export const CLIENT_TYPES_PATH = join(__dirname, '..', '..', 'modules', 'client', 'wireTypes.ts');

/** A schema of the document, as far as its types need it. */
interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
}

interface Content {
  readonly content: { readonly 'application/json': { readonly schema: Schema } };
}

interface Operation {
  readonly operationId: string;
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: { readonly Problem: Schema } };
}

const HEAD = `/**
 * What stands in requests and answers of the broker, made of its OpenAPI document by \`npx gulp docs\`; a test holds the two together. Instants are Dates
 * here, and texts on the wire.
 */`;

const inner = (text = ''): string => (text === '' ? '' : `/** ${text} */\n`);

function typeOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' | ');
  if (schema.type === 'array') return `readonly (${typeOf(schema.items ?? {})})[]`;
  if (schema.type === 'object') return objectOf(schema);
  if (schema.format === 'date-time') return 'Date';
  return { integer: 'number', number: 'number', string: 'string', boolean: 'boolean', null: 'null' }[schema.type ?? ''] ?? 'unknown';
}

function objectOf({ properties, required = [], additionalProperties }: Schema): string {
  if (!properties) return `Readonly<Record<string, ${typeof additionalProperties === 'object' ? typeOf(additionalProperties) : 'unknown'}>>`;
  const fields = Object.entries(properties).map(
    ([name, schema]) => `${inner(schema.description)}readonly ${name}${required.includes(name) ? '' : '?'}: ${typeOf(schema)};`,
  );
  return `{\n${fields.join('\n')}\n}`;
}

/** Returns the text of modules/client/wireTypes.ts. */
export async function clientTypesText(): Promise<string> {
  const { paths, components } = (await openApiDocument()) as Document;
  const operations = new Map(Object.values(paths).flatMap((methods) => Object.values(methods).map((each) => [each.operationId, each] as const)));
  const asked = (id: string): Schema => schemaIn(operations.get(id)?.requestBody, id);
  const answered = (id: string, status: number): Schema => schemaIn(operations.get(id)?.responses[status], id);
  const { code } = components.schemas.Problem.properties as { readonly code: Schema };
  const types: readonly (readonly [name: string, schema: Schema, text: string])[] = [
    ['SendBody', first(asked('sendMessages')), 'A message to be sent.'],
    ['SentAnswer', first(answered('sendMessages', 201)), 'The answer to a sent message.'],
    ['ReceiveBody', asked('receiveMessages'), 'How to receive.'],
    ['MessageAnswer', answered('receiveMessages', 200).properties?.['messages']?.items ?? {}, 'A message that was received.'],
    ['ReleaseBody', first(asked('releaseMessages')), 'How to give a message back.'],
    ['DeadLetterBody', first(asked('deadLetterMessages')), 'Why a message becomes a dead letter.'],
    ['ExtendAnswer', first(answered('extendMessages', 200)), 'The answer to an extension.'],
    ['QueueBody', asked('createQueue'), 'Attributes and tags of a queue.'],
    ['QueueAnswer', answered('createQueue', 200), 'A queue.'],
    ['StatsAnswer', answered('statsOfQueue', 200), 'The counts of a queue.'],
    ['ProblemAnswer', components.schemas.Problem, 'A fault, as RFC 9457 describes it.'],
  ];
  const named = (text: string): string => text.replace(typeOf(code), 'ProblemCode');
  const interfaces = types.map(([name, schema, text]) => `/** ${text} */\nexport interface ${name} ${named(objectOf(schema))}\n`);
  const codes = `/** The codes of faults that the server tells. */\nexport type ProblemCode = ${typeOf(code)};\n`;
  const options = (await resolveConfig(CLIENT_TYPES_PATH)) ?? {};
  return format([HEAD, codes, ...interfaces].join('\n\n'), { ...options, parser: 'typescript' });
}

function schemaIn(content: Content | undefined, operation: string): Schema {
  const schema = content?.content['application/json'].schema;
  if (!schema) throw new Error(`the document has no such part of ${operation}`);
  return schema;
}

/** The schema for one of a call that takes one or several. */
const first = ({ anyOf, ...schema }: Schema): Schema => anyOf?.[0] ?? schema;

const write = async (): Promise<void> => writeFileSync(CLIENT_TYPES_PATH, await clientTypesText());

/** Returns the file as it is. */
export const clientTypesFile = (): string => readFileSync(CLIENT_TYPES_PATH, 'utf8');

if (require.main === module) void write();
