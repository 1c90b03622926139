import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { gapsOf } from '../../docs/apiGaps';
import type { Item } from '../../docs/apiGaps';
import { API_FOLDER, readApi, writeApiPages } from '../../docs/apiPages';
import type { Api } from '../../docs/apiPages';

/** Returns the texts of all pages in a folder by their paths. */
function pagesIn(folder: string): Map<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.md'));
  return new Map(paths.sort().map((path) => [path.replace(/\\/g, '/'), readFileSync(join(folder, path), 'utf8')]));
}

describe('The pages of the API', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-api-'));
  let api: Api;

  before(async function () {
    this.timeout(300_000);
    api = await readApi();
    await writeApiPages(api, folder);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('say what the code says: npx gulp docs writes them', () => {
    const [made, kept] = [pagesIn(folder), pagesIn(API_FOLDER)];
    expect([...kept.keys()]).to.deep.equal([...made.keys()]);
    for (const [path, text] of made) expect(kept.get(path), `docs/api/${path}`).to.equal(text);
  });

  it('tell of every export, with an example for every function, class and method', () => {
    expect(gapsOf(api.project.children ?? [])).to.deep.equal([]);
  });

  it('tell of every option and of every event', () => {
    const untold = ['TaskOptions', 'WorkerArguments', 'StoreOptions', 'HoldfastEvents'].flatMap((type) => {
      const properties = (api.project.getChildByName(type) as unknown as Item).children ?? [];
      expect(properties, type).to.have.length.above(3);
      return properties.filter(({ comment }) => !comment).map(({ name }) => `${type}.${name}`);
    });
    expect(untold).to.deep.equal([]);
  });

  it('name no path and no version of the machine that wrote them', () => {
    const pages = [...pagesIn(folder).values()].join('\n');
    expect(pages).to.not.match(/Defined in|\/home\/|node_modules|\b[0-9a-f]{40}\b/);
    expect(pages).to.not.include(process.cwd());
  });
});

describe('What is missing in comments', () => {
  const text = { summary: ['Does it.'], blockTags: [] };
  const full = { summary: ['Does it.'], blockTags: [{ tag: '@example' }] };
  const signature = (comment: Item['comment']): Item => ({ name: 'call', kind: 4_096, comment });
  const method = (comment: Item['comment']): Item => ({ name: 'start', kind: 2_048, signatures: [signature(comment)] });
  const engine = (...children: Item[]): Item => ({ name: 'Engine', kind: 128, comment: full, children });
  const accessor = (comment: Item['comment']): Item => {
    const returned = { type: 'reflection', declaration: { name: '__type', kind: 65_536, signatures: [signature(undefined)] } };
    return { name: 'stop', kind: 262_144, getSignature: { name: 'stop', kind: 524_288, comment, type: returned } };
  };

  it('is nothing where all is told', () => {
    expect(gapsOf([engine(method(full), accessor(full))])).to.deep.equal([]);
  });

  it('is the comment of an export or of a member of a class', () => {
    expect(gapsOf([{ name: 'Speed', kind: 2_097_152 }, engine({ name: 'speed', kind: 1_024 })]).map((gap) => gap.split(':')[0])).to.deep.equal([
      'Speed has no doc comment',
      'Engine.speed has no doc comment',
    ]);
  });

  it('is the example of a function, class, method or accessor that returns a function', () => {
    const items = [
      { name: 'open', kind: 64, signatures: [signature(text)] },
      { ...engine(method(text), accessor(text)), comment: text },
    ];
    expect(gapsOf(items).map((gap) => gap.split(':')[0])).to.deep.equal([
      'open has no @example',
      'Engine has no @example',
      'Engine.start has no @example',
      'Engine.stop has no @example',
    ]);
  });
});
