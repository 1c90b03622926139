import { createHash } from 'node:crypto';
import { dirname, join, sep } from 'node:path';
import type { TaskError } from '../../constants/events';
import { OWN_FOLDER } from './holdfastError';

/** Characters of a message that tell failures apart. What comes later is mostly data. */
const COMPARED_CHARACTERS = 500;

/** Characters of a group. Sixteen hexadecimal digits make two of a million groups alike once in ten million stores. */
const GROUP_CHARACTERS = 16;

/** What differs between failures of one cause, in the order in which it is left out. */
const DATA: readonly (readonly [what: RegExp, instead: string])[] = [
  [/"[^"\n]*"|'[^'\n]*'|`[^`\n]*`|«[^»\n]*»|“[^”\n]*”/g, '…'],
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s)\]]+/gi, '…'],
  [/[^\s@<>()]{1,64}@[^\s@<>()]{1,255}/g, '…'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '…'],
  [/\b(?=[0-9a-z_-]*\d)[0-9a-z_-]{12,}\b/gi, '…'],
  [/\b0x[0-9a-f]+\b|\d+(?:[.,:]\d+)*/gi, '…'],
];

/** The folders of the compiled and the written code of this package: their frames are not the user's. */
const OWN_FOLDERS =
  OWN_FOLDER === null ? [] : [OWN_FOLDER, dirname(OWN_FOLDER)].flatMap((root) => [join(root, 'classes', sep), join(root, 'modules', sep)]);

/** Tells whether a frame is not of the user's own code. */
const isForeign = (frame: string): boolean => ['node:', 'node_modules', ...OWN_FOLDERS].some((part) => frame.includes(part));

/** Returns the message of an error without what differs between failures of one cause: numbers, ids, addresses and quoted parts. */
export const plainMessage = (message: string): string =>
  DATA.reduce((text, [what, instead]) => text.replace(what, instead), message.slice(0, COMPARED_CHARACTERS))
    .replace(/\s+/g, ' ')
    .trim();

/**
 * Returns the top frame of the user's own code: the function, and the last two parts of its file. The line is left out, because it differs from one
 * release to the next, and so is the folder, which differs between machines.
 */
export function ownFrame(stack: string | undefined): string | null {
  const frames = (stack ?? '').split('\n').filter((line) => /^\s*at /.test(line));
  const own = frames.find((frame) => !isForeign(frame));
  if (own === undefined) return null;
  const [, name = '', place = ''] = /^\s*at (?:(?:async )?(.*?) \()?(.*?)\)?$/.exec(own) ?? [];
  const file = place
    .replace(/(?::\d+){1,2}$/, '')
    .split(/[\\/]/)
    .slice(-2)
    .join('/');
  return name === '' ? file : `${name} (${file})`;
}

/** Returns the group of a failure: the same for failures of one cause. */
export function failureGroup({ name, message, code, stack }: TaskError): string {
  const told = [name, code ?? '', plainMessage(message), ownFrame(stack) ?? ''];
  return createHash('sha256').update(told.join('\n')).digest('hex').slice(0, GROUP_CHARACTERS);
}

/** Adds its group to the error of a failed attempt. */
export const grouped = (error: TaskError): TaskError => ({ ...error, group: failureGroup(error) });
