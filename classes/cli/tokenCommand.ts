import type { Command } from 'commander';
import { tokenOptions } from '../../config/serverOptions';
import { addFlags, resolveFlags } from '../../modules/cli/commandLine';
import { newToken } from '../../modules/server/tokens';
import { addExamples } from './examples';
import type { Flags } from './storeFlags';

const TOKEN_FLAGS = ['name', 'actions', 'queues'] as const;

/** Fills the command `token`. */
export function fillTokenCommand(command: Command): void {
  addExamples(command, 'holdfast token --name shop --actions produce,consume --queues orders. > tokens.json');
  addFlags(command, tokenOptions, TOKEN_FLAGS).action(() => print(command.opts()));
}

/** The token itself is printed once and kept nowhere. */
function print(flags: Flags): void {
  const { name, actions, queues } = resolveFlags(tokenOptions, TOKEN_FLAGS, flags, 'token');
  const { token, hash } = newToken();
  const entry = { name, hash, actions, queues };
  process.stderr.write(
    `The token, for the client (it is not shown again):\n${token}\nFor the file of --tokens-file, or the variable HOLDFAST_TOKENS:\n`,
  );
  process.stdout.write(`${JSON.stringify({ tokens: [entry] })}\n`);
}
