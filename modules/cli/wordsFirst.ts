import type { Command, Option } from 'commander';

/**
 * Moves the flags that stand before or between the words of a command behind these words, because the parser knows the flags of a command only there.
 *
 * A word that is no command and follows a flag that is not known yet is the value of that flag.
 */
export function wordsFirst(program: Command, argv: readonly string[]): readonly string[] {
  const words: string[] = [];
  const flags: string[] = [];
  let command = program;
  let index = 0;
  for (let isValue = false; index < argv.length; index += 1) {
    const token = argv[index] ?? '';
    if (token === '--') break;
    const next = commandOf(command, token);
    if (next && !(isValue && takesValue(command, argv[index - 1]))) {
      words.push(token);
      command = next;
    } else if (token.startsWith('-') || isValue) flags.push(token);
    else break;
    isValue = token.startsWith('-') && token !== '-' && !token.includes('=') && takesValue(command, token) !== false;
  }
  return words.length === 0 ? argv : [...words, ...flags, ...argv.slice(index)];
}

const commandOf = (command: Command, word: string): Command | undefined =>
  command.commands.find((one) => one.name() === word || one.aliases().includes(word));

/** Returns whether a flag takes a value, undefined if the command does not know it. */
function takesValue(command: Command, flag = ''): boolean | undefined {
  const option = command.options.find(({ short, long }: Option) => flag === short || flag === long);
  return option && (option.required || option.optional);
}
