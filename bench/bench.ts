import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { Command } from 'commander';
import { choose } from './choose';
import type { Choice } from './choose';
import { judge } from './goals';
import { arePeersInstalled, installPeers, peerVersions } from './peers';
import { Runner } from './runner';
import { Servers } from './servers/start';
import { drawGoals, drawRows } from './table';

interface Flags {
  readonly names: readonly string[];
  readonly quick?: boolean;
  readonly only?: string;
  readonly tasks?: string;
  readonly runs?: string;
  readonly json?: string;
}

const GIGABYTE = 1_073_741_824;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const command = new Command('bench')
    .argument('[names...]', 'as --only')
    .option('--quick', 'fewer works and systems, and shorter runs: within two minutes')
    .option('--only <names>', 'only systems or works whose names contain one of these, separated by commas')
    .option('--tasks <count>', 'tasks of each run')
    .option('--runs <count>', 'runs that count')
    .option('--json <file>', 'write what was measured to a file')
    .parse();
  const flags = { ...command.opts<Flags>(), names: command.args };
  const servers = new Servers();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void servers.stop().finally(() => process.exit(130)));
  try {
    await measureAll(flags, servers);
  } finally {
    await servers.stop();
  }
  // A server's client may have left handles open. They must not keep the process alive.
  process.stdout.write('', () => process.exit());
}

async function measureAll(flags: Flags, servers: Servers): Promise<void> {
  const quick = flags.quick ?? false;
  const number = (text: string | undefined, name: string) => (text === undefined ? {} : { [name]: Number(text) });
  const runner = new Runner(servers, { quick, ...number(flags.tasks, 'tasks'), ...number(flags.runs, 'runs') }, say);
  const { rows, missing } = runner.results;
  const { choices, why } = await withPeers(choose([...flags.names, ...(flags.only ?? '').split(',')].filter(Boolean), quick), quick);
  missing.push(...why);
  for (const { work, systems } of choices) await runner.measure(work, systems);
  const goals = judge(rows);
  const report = { machine: machine(), versions: await versionsOf(choices, servers), settings: settingsOf(choices), meanings: meaningsOf(choices) };
  if (flags.json) await writeFile(flags.json, `${JSON.stringify({ ...report, rows, goals, missing }, null, 2)}\n`);
  process.stdout.write(`${report.machine}\n${report.versions.join('\n')}\n${drawRows(rows)}\n`);
  if (goals.length > 0) process.stdout.write(`${drawGoals(goals)}\n`);
  for (const what of missing) process.stdout.write(`left out: ${what}\n`);
}

/** Installs the peers if they are missing. With `--quick`, or if the installation fails, they are left out. */
async function withPeers(choices: readonly Choice[], quick: boolean): Promise<{ choices: readonly Choice[]; why: string[] }> {
  const hasPeers = choices.some(({ systems }) => systems.some(({ isPeer }) => isPeer));
  if (!hasPeers || (await arePeersInstalled())) return { choices, why: [] };
  try {
    if (quick) throw new Error('they are not installed, and --quick installs nothing');
    say('the peers are installed into bench/peers');
    await installPeers();
    return { choices, why: [] };
  } catch (error) {
    const own = choices.map(({ work, systems }) => ({ work, systems: systems.filter(({ isPeer }) => !isPeer) }));
    return { choices: own.filter(({ systems }) => systems.length > 0), why: [`the peers: ${(error as Error).message}`] };
  }
}

const systemsOf = (choices: readonly Choice[]) => [...new Set(choices.flatMap(({ systems }) => systems))];

async function versionsOf(choices: readonly Choice[], servers: Servers): Promise<string[]> {
  const hasPeers = systemsOf(choices).some(({ isPeer }) => isPeer);
  return [...(await servers.versions()), ...(hasPeers ? await peerVersions() : [])];
}

const settingsOf = (choices: readonly Choice[]): Record<string, string> =>
  Object.fromEntries(systemsOf(choices).map(({ name, settings }) => [name, settings]));

const meaningsOf = (choices: readonly Choice[]): Record<string, string> => Object.fromEntries(choices.map(({ work }) => [work.name, work.meaning]));

const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / GIGABYTE)} GiB, ${process.platform}, Node.js ${process.version}`;

main().catch((error: unknown) => {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
});
