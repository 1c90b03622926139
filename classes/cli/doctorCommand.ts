import { totalmem } from 'node:os';
import { availableMemory } from '../../modules/cli/availableMemory';
import type { Command } from 'commander';
import { EXIT_CODES } from '../../constants/exitCodes';
import { doctorColumns } from '../../modules/cli/doctorColumns';
import { clockFinding, claimFinding, memoryFinding, processFindings, roundTripFinding, schemaFindings } from '../../modules/cli/doctorFindings';
import type { Finding } from '../../modules/ports/examination';
import { allRecords } from '../../modules/ports/recordPages';
import { medianOf, QUESTIONS, skewOf } from '../../modules/time/roundTrips';
import { examineStore } from '../store/openStore';
import type { Store } from '../store/store';
import { fillLeaf } from './leaf';
import type { Call, OnEnd } from './leaf';
import { storeOf } from './storeFlags';
import { withExistingStore } from './withStore';

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
  const { skewMs, uncertainMs } = skewOf(examination.trips);
  const findings = [...schemaFindings(examination), ...examination.findings];
  findings.push(roundTripFinding(medianOf(examination.trips)), clockFinding(skewMs, uncertainMs));
  if (examination.version > 0) findings.push(...(await withExistingStore(flags, measure)));
  findings.push(memoryFinding(availableMemory(), totalmem()));
  output.rows(findings, doctorColumns(output.colors));
  return findings.some(({ level }) => level === 'bad') ? EXIT_CODES.failed : 0;
}

/** Asks a store what only an open one tells. */
async function measure(store: Store): Promise<Finding[]> {
  const { settings, records, tasks, looks } = store.parts;
  const looked = await timesOf(() => looks.due(['*']));
  const nextDue = await timesOf(() => tasks.nextDueMs(['*']));
  const brokers = new Set((await allRecords(records, 'queue')).map(({ key }) => key));
  return [
    claimFinding(medianOf(looked), medianOf(nextDue)),
    ...processFindings(await store.processes.list(), { due: await looks.due(['*']), paused: await settings.paused(), brokers }),
  ];
}

async function timesOf(ask: () => Promise<unknown>): Promise<{ readonly ms: number }[]> {
  const times: { readonly ms: number }[] = [];
  for (let count = 0; count < QUESTIONS; count += 1) {
    const from = performance.now();
    await ask();
    times.push({ ms: performance.now() - from });
  }
  return times;
}
