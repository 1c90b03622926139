import { join } from 'node:path';
import type { Application, DeclarationReflection, ProjectReflection, TypeDocOptions } from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';

/** Writes the pages of docs/api from the doc comments of the exports of index.ts. A test compares the two. */

/** The root of the checkout, seen from the compiled code. */
const ROOT = join(__dirname, '..', '..');

/** The folder of the committed pages. */
export const API_FOLDER = join(ROOT, 'docs', 'api');

const OPTIONS: TypeDocOptions & Partial<PluginOptions> = {
  entryPoints: [join(ROOT, 'index.ts')],
  tsconfig: join(ROOT, 'docs', 'tsconfig.api.json'),
  plugin: ['typedoc-plugin-markdown'],
  logLevel: 'Error',
  // The compiler has already checked the code.
  skipErrorChecking: true,
  excludeExternals: true,
  excludeInternal: true,
  excludePrivate: true,
  disableGit: true,
  disableSources: true,
  readme: 'none',
  name: 'The API of Holdfast',
  groupOrder: ['Functions', 'Classes', 'Interfaces', 'Type Aliases', 'Variables'],
  membersWithOwnFile: ['Class'],
  hideBreadcrumbs: true,
  hidePageHeader: true,
  hideGenerator: true,
  useCodeBlocks: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  classPropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  tableColumnSettings: { hideDefaults: true, hideInherited: true, hideModifiers: true, hideOverrides: true, hideSources: true },
};

/** The public API as typedoc reads it. */
export interface Api {
  readonly application: Application;
  readonly project: ProjectReflection;
}

/** Reads the exports of index.ts. This takes some seconds. */
export async function readApi(): Promise<Api> {
  const { Application, Converter, ReflectionKind, TSConfigReader } = await import('typedoc');
  const { SymbolFlags } = await import('typescript');
  const application = await Application.bootstrapWithPlugins(OPTIONS, [new TSConfigReader()]);
  const typeOnly = new Set<DeclarationReflection>();
  // Typedoc shows a class that is exported as a type only as an interface. It is shown as a class, without its constructor, because users do not
  // create one.
  application.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    const flags = context.getSymbolFromReflection(reflection)?.flags ?? 0;
    if (reflection.kind !== ReflectionKind.Interface || !(flags & SymbolFlags.Class)) return;
    reflection.kind = ReflectionKind.Class;
    typeOnly.add(reflection);
  });
  const project = await application.convert();
  if (!project) throw new Error('index.ts cannot be read');
  for (const { children = [] } of typeOnly)
    for (const child of children) if (child.kindOf(ReflectionKind.Constructor)) project.removeReflection(child);
  return { application, project };
}

/** Replaces the contents of a folder with the pages. */
export async function writeApiPages({ application, project }: Api, folder: string): Promise<void> {
  application.options.setValue('outputs', [{ name: 'markdown', path: folder }]);
  await application.generateOutputs(project);
}

if (require.main === module) void readApi().then((api) => writeApiPages(api, API_FOLDER));
