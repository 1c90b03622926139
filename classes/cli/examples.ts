import type { Command } from 'commander';

/** Adds command lines that a reader can copy to the help of a command. */
export const addExamples = (command: Command, ...lines: readonly string[]): Command =>
  command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`);
