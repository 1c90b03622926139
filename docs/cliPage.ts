import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { makeProgram } from '../classes/cli/runner';
import { filledPage } from './filledPage';

/** Writes the commands of docs/cli.md from their help. A test compares them. */

const PATH = join(__dirname, '..', '..', 'docs', 'cli.md');

/** The width of the help in the page. */
const COLUMNS = 110;

/** What nearly every command has; the page shows it once. */
const COMMON = ['Output:', 'Store or server:'];

/** Returns the help of a command, as a terminal of this width shows it. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => void (text += part), getOutHelpWidth: () => COLUMNS, getOutHasColors: () => false });
  command.outputHelp();
  return text.trimEnd();
}

const sectionsOf = (help: string): string[] => help.split(/\n\n(?=\S)/);

const isCommon = (section: string): boolean => COMMON.includes(section.split('\n', 1)[0] ?? '');

function commandSections(command: Command, words: string): string[] {
  const own = sectionsOf(helpOf(command)).filter((section) => !isCommon(section));
  const inner = command.commands.flatMap((one) => (one.name() === 'help' ? [] : commandSections(one, `${words} ${one.name()}`)));
  return [`### ${words}\n\n\`\`\`text\n${own.join('\n\n')}\n\`\`\``, ...inner];
}

/** Returns the page with the commands as they are now. */
export function withCommands(page: string): string {
  const program = makeProgram('all', () => undefined);
  const list = program.commands.find((command) => command.name() === 'queue')?.commands[0];
  const common = list ? sectionsOf(helpOf(list)).filter(isCommon) : [];
  const commands = program.commands.flatMap((command) => (command.name() === 'help' ? [] : commandSections(command, `holdfast ${command.name()}`)));
  return filledPage(page, { 'common flags': `\`\`\`text\n${common.join('\n\n')}\n\`\`\``, commands: commands.join('\n\n') });
}

if (require.main === module) writeFileSync(PATH, withCommands(readFileSync(PATH, 'utf8')));
