import { readFileSync, readSync } from 'node:fs';
import { HoldfastError } from '../errors/holdfastError';

/** The standard input as a file, the bytes that are read at once, and the wait where there are none yet. */
const STDIN = 0;
const READ_BYTES = 65_536;
const WAIT_MS = 5;

/**
 * Reads a JSON value from an argument: the text itself, `@file` for that of a file, or `-` for that of the standard input. Nothing is null.
 *
 * @throws HOLDFAST_OPTION_INVALID
 */
export function readPayload(given: string | undefined): unknown {
  if (given === undefined) return null;
  const text = textOf(given);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', {
      field: 'payload',
      expected: `JSON: as text, as @file or as - for the standard input`,
      cause,
    });
  }
}

function textOf(given: string): string {
  if (given === '-') return readInput();
  if (!given.startsWith('@')) return given;
  try {
    return readFileSync(given.slice(1), 'utf8');
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'payload', expected: 'a file that can be read', got: `${given.slice(1)}, ${code}` });
  }
}

/** Reads the standard input to its end. One that does not block, as that of a child of Node.js, has nothing where its writer is slower. */
function readInput(): string {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = readChunk();
    if (chunk.length === 0) return Buffer.concat(chunks).toString('utf8');
    chunks.push(chunk);
  }
}

/** Waits for the next bytes; none are the end. */
function readChunk(): Buffer {
  const buffer = Buffer.alloc(READ_BYTES);
  for (;;) {
    try {
      return buffer.subarray(0, readSync(STDIN, buffer));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return buffer.subarray(0, 0);
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
    }
  }
}
