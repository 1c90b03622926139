import type { Command } from 'commander';
import { EXIT_CODES } from '../../constants/exitCodes';
import { doctorColumns } from '../../modules/cli/doctorColumns';
import { schemaFindings } from '../../modules/cli/doctorFindings';
import { isHoldfastError } from '../../modules/errors/holdfastError';
import type { Examination } from '../../modules/ports/examination';
import { examineStore } from '../store/openStore';
import type { Store } from '../store/store';
import { addExamples } from './examples';
import { addLeaf } from './leaf';
import type { Call, OnEnd } from './leaf';
import { storeOf } from './storeFlags';
import { withExistingStore, withStore } from './withStore';

/** Number of tasks that one call deletes. */
const PRUNED_AT_ONCE = 1_000;

/** Adds the group `db`. */
export function fillDbCommand(group: Command, onEnd: OnEnd): void {
  addExamples(group, 'holdfast db check');
  const rest = { isOfStore: true };
  addLeaf(
    group,
    {
      usage: 'check',
      says: 'Says whether the schema and its indexes are as this release needs them; ends with 1 if not.',
      examples: ['holdfast db check'],
      run: check,
      ...rest,
    },
    onEnd,
  );
  addLeaf(
    group,
    {
      usage: 'migrate',
      says: 'Makes the store if there is none, and brings its schema up to date.',
      examples: ['holdfast db migrate --url mongodb://127.0.0.1:27017/shop'],
      run: migrate,
      ...rest,
    },
    onEnd,
  );
  addLeaf(
    group,
    {
      usage: 'prune',
      says: 'Deletes finished tasks whose retention is over, which processes do by and by, and MongoDB by itself.',
      examples: ['holdfast db prune'],
      run: prune,
      ...rest,
    },
    onEnd,
  );
}

async function check({ flags, output }: Call): Promise<number> {
  const findings = schemaFindings(await examineStore(storeOf(flags)));
  output.rows(findings, doctorColumns(output.colors));
  return findings.some(({ level }) => level !== 'ok') ? EXIT_CODES.failed : 0;
}

async function migrate({ flags, output }: Call): Promise<void> {
  const before = await versionOf(flags);
  await withStore(flags, () => Promise.resolve());
  const { version } = await examineStore(storeOf(flags));
  output.one({ from: before, to: version }, () => [
    before === version ? `The schema is up to date: version ${version}` : `The schema went from version ${before} to ${version}`,
  ]);
}

/** Returns the version of the schema, 0 where there is no store. */
async function versionOf(flags: Call['flags']): Promise<number> {
  const seen: Pick<Examination, 'version'> = await examineStore(storeOf(flags)).catch((error: unknown) => {
    if (isHoldfastError(error, 'HOLDFAST_FILE_UNUSABLE')) return { version: 0 };
    throw error;
  });
  return seen.version;
}

async function prune({ flags, output }: Call): Promise<void> {
  const pruned = await withExistingStore(flags, pruneAll);
  output.one({ pruned }, () => [`Deleted ${pruned} finished ${pruned === 1 ? 'task' : 'tasks'}`]);
}

async function pruneAll({ parts: { tasks } }: Store): Promise<number> {
  let pruned = 0;
  for (let last = -1; last !== 0; pruned += last) last = await tasks.prune(PRUNED_AT_ONCE);
  return pruned;
}
