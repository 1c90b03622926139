import type { Command } from 'commander';
import { topOptions } from '../../config/cliOptions';
import type { Backend } from '../../modules/cli/backend';
import { resolveFlags } from '../../modules/cli/commandLine';
import { topLines } from '../../modules/cli/topLines';
import type { TopView } from '../../modules/cli/topLines';
import { fillLeaf } from './leaf';
import type { Call, OnEnd } from './leaf';
import { LiveView } from './liveView';

/** The number of failure groups that are read. */
const GROUPS = 100;

/** The size of the view where it is written once, without a terminal. */
const ON_PAPER = { columns: 200, rows: 1_000 };

/** Fills the command `top`. */
export function fillTopCommand(command: Command, onEnd: OnEnd): void {
  const leaf = {
    usage: 'top',
    says: 'Shows queues, processes and failures live in the terminal, until q or Ctrl-C. Without a terminal it writes one picture.',
    examples: ['holdfast top', 'holdfast top --server http://127.0.0.1:9324', 'holdfast top -o json | jq .overview.health'],
    flags: [[topOptions, ['everyMs']]] as const,
    run: top,
  };
  fillLeaf(command, leaf, onEnd);
}

async function top({ flags, backend, output, terminal }: Call): Promise<number> {
  const { everyMs } = resolveFlags(topOptions, ['everyMs'], flags, 'top');
  const target = await backend();
  const { input, out } = terminal;
  if (out.isTTY === true && input.isTTY === true && !output.isJson) {
    const render = (view: TopView): string[] =>
      topLines(view, output.colors, { columns: out.columns ?? 80, rows: (out as { rows?: number }).rows ?? 24 }, Date.now());
    return new LiveView({ terminal, read: () => look(target), render, everyMs }).run();
  }
  const view = await look(target);
  output.one(view, () => topLines(view, output.colors, ON_PAPER, Date.now()));
  return 0;
}

async function look(backend: Backend): Promise<TopView> {
  const [overview, processes, failures] = await Promise.all([backend.overview(), backend.processes(), backend.failures({ limit: GROUPS })]);
  return { where: backend.where, overview, processes, failures: [...failures].sort((a, b) => b.count - a.count), atMs: Date.now() };
}
