import { totalmem } from 'node:os';
import { availableMemory } from '../../modules/cli/availableMemory';
import type { Command } from 'commander';
import { EXIT_CODES } from '../../constants/exitCodes';
import { doctorColumns } from '../../modules/cli/doctorColumns';
import { clockFinding, claimFinding, memoryFinding, processFindings, roundTripFinding, schemaFindings } from '../../modules/cli/doctorFindings';
import type { Finding } from '../../modules/ports/examination';
import { examineStore } from '../store/openStore';
import type { Store } from '../store/store';
import { fillLeaf } from './leaf';
import type { Call, OnEnd } from './leaf';
import { storeOf } from './storeFlags';
import { withExistingStore } from './withStore';

/** Number of questions of which the median is taken. */
const QUESTIONS = 9;

/** Fills the command `doctor`. */
export function fillDoctorCommand(command: Command, onEnd: OnEnd): void {
  const leaf = {
    usage: 'doctor',
    says: 'Measures a deployment, and says what is wrong with it. Ends with 1 if something is.',
    examples: ['holdfast doctor', 'holdfast doctor --url mongodb://127.0.0.1:27017/shop -o json'],
    isOfStore: true,
    run: doctor,
  };
  fillLeaf(command, leaf, onEnd);
}

async function doctor({ flags, output }: Call): Promise<number> {
  // Opening a store would make the indexes that are missing.
  const examination = await examineStore(storeOf(flags));
  const findings = [...schemaFindings(examination), ...examination.findings];
  if (examination.version > 0) findings.push(...(await withExistingStore(flags, measure)));
  findings.push(memoryFinding(availableMemory(), totalmem()));
  output.rows(findings, doctorColumns(output.colors));
  return findings.some(({ level }) => level === 'bad') ? EXIT_CODES.failed : 0;
}

/** Asks a store what only an open one tells. */
async function measure(store: Store): Promise<Finding[]> {
  const { schedules, tasks, looks } = store.parts;
  const trips = await timesOf(() => schedules.now());
  const looked = await timesOf(() => looks.due(['*']));
  const nextDue = await timesOf(() => tasks.nextDueMs(['*']));
  const best = trips.reduce((one, other) => (other.ms < one.ms ? other : one));
  const skewMs = best.answer - (best.atMs + best.ms / 2);
  return [
    roundTripFinding(medianOf(trips)),
    clockFinding(skewMs, best.ms / 2),
    claimFinding(medianOf(looked), medianOf(nextDue)),
    ...processFindings(await store.processes.list(), await looks.due(['*']), await store.parts.settings.paused()),
  ];
}

interface Timed<T> {
  readonly atMs: number;
  readonly ms: number;
  readonly answer: T;
}

async function timesOf<T>(ask: () => Promise<T>): Promise<Timed<T>[]> {
  const times: Timed<T>[] = [];
  for (let count = 0; count < QUESTIONS; count += 1) {
    const atMs = Date.now();
    const from = performance.now();
    const answer = await ask();
    times.push({ atMs, ms: performance.now() - from, answer });
  }
  return times;
}

const medianOf = (times: readonly Timed<unknown>[]): number => times.map(({ ms }) => ms).sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
