import { Help } from 'commander';
import type { Command } from 'commander';

/** Formats the help of a command that has others: they come before its own flags, which are many. */
export function commandsFirst(command: Command, helper: Help): string {
  const text = Help.prototype.formatHelp.call(helper, command, helper);
  const headings = new Set(command.commands.map((one) => one.helpGroup() || 'Commands:'));
  const sections = text.trimEnd().split(/\n\n(?=\S)/);
  const isOfCommands = (section: string): boolean => headings.has(section.split('\n', 1)[0] ?? '');
  const first = sections.findIndex((section) => /^[^\n]*:\n/.test(section));
  if (first < 0) return text;
  const [head, rest] = [sections.slice(0, first), sections.slice(first)];
  return `${[...head, ...rest.filter(isOfCommands), ...rest.filter((section) => !isOfCommands(section))].join('\n\n')}\n`;
}
