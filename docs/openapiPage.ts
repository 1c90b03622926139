import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApiDocument } from '../classes/server/openApiDocument';

/** Writes docs/openapi.json from the schemas of the routes. */

export const OPENAPI_PATH = join(__dirname, '..', '..', 'docs', 'openapi.json');

/** Returns the text of docs/openapi.json. */
export const openApiText = async (): Promise<string> => `${JSON.stringify(await openApiDocument(), null, 2)}\n`;

if (require.main === module) void openApiText().then((text) => writeFileSync(OPENAPI_PATH, text));
