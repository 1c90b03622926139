import { expect } from 'chai';
import { isSafe, loadSqlite } from '../../modules/sqlite/sqliteDriver';
import { codedErrorOf } from '../support/expectations';

describe('isSafe', () => {
  for (const version of ['3.51.3', '3.51.4', '3.51.10', '3.52.0', '3.100.0', '4.0.0', '10.0.0']) {
    it(`accepts SQLite ${version}`, () => expect(isSafe(version)).to.equal(true));
  }

  for (const version of ['3.51.2', '3.51.0', '3.51', '3.50.4', '3.9.9', '2.99.99', '3', '', 'unknown']) {
    it(`refuses SQLite ${JSON.stringify(version)}`, () => expect(isSafe(version)).to.equal(false));
  }
});

describe('loadSqlite', () => {
  const closed: string[] = [];

  /** A module with the API of `node:sqlite`. */
  const driverOf = (version: string) => {
    class DatabaseSync {
      readonly #path: string;
      constructor(path: string) {
        this.#path = path;
      }
      prepare(sql: string): { get: () => object } {
        if (!sql.includes('sqlite_version()')) throw new Error(`unexpected: ${sql}`);
        return { get: () => ({ version }) };
      }
      close(): void {
        closed.push(this.#path);
      }
    }
    return { DatabaseSync };
  };

  const loaderOf =
    (modules: Readonly<Record<string, unknown>>) =>
    (name: string): unknown => {
      if (name in modules) return modules[name];
      throw new Error(`Cannot find module '${name}'`);
    };

  beforeEach(() => closed.splice(0));

  it('takes the built-in module where it is new enough', () => {
    const builtIn = driverOf('3.51.3');
    const driver = loadSqlite(loaderOf({ 'node:sqlite': builtIn, '@photostructure/sqlite': driverOf('3.53.0') }));
    expect(driver).to.equal(builtIn.DatabaseSync);
  });

  it('takes the package where the built-in module is too old', () => {
    const packaged = driverOf('3.53.0');
    const driver = loadSqlite(loaderOf({ 'node:sqlite': driverOf('3.50.4'), '@photostructure/sqlite': packaged }));
    expect(driver).to.equal(packaged.DatabaseSync);
  });

  it('takes the package where there is no built-in module', () => {
    const packaged = driverOf('3.53.0');
    expect(loadSqlite(loaderOf({ '@photostructure/sqlite': packaged }))).to.equal(packaged.DatabaseSync);
  });

  it('does without the package where the built-in module is new enough', () => {
    const builtIn = driverOf('3.60.0');
    expect(loadSqlite(loaderOf({ 'node:sqlite': builtIn }))).to.equal(builtIn.DatabaseSync);
  });

  it('closes what it opened to learn a version', () => {
    loadSqlite(loaderOf({ 'node:sqlite': driverOf('3.50.4'), '@photostructure/sqlite': driverOf('3.53.0') }));
    expect(closed).to.deep.equal([':memory:', ':memory:']);
  });

  const NOTHING: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ['none is there', {}],
    ['both are too old', { 'node:sqlite': driverOf('3.50.4'), '@photostructure/sqlite': driverOf('3.51.2') }],
    ['a module is not what it was', { 'node:sqlite': {}, '@photostructure/sqlite': null }],
    ['a version cannot be read', { 'node:sqlite': driverOf('unknown') }],
  ];

  for (const [what, modules] of NOTHING) {
    it(`says what to install where ${what}`, () => {
      const error = codedErrorOf(() => loadSqlite(loaderOf(modules)));
      expect(error.code).to.equal('HOLDFAST_SQLITE_MISSING');
      expect(error.message).to.include('npm install');
    });
  }
});
