import { constrainedMemory } from 'node:process';
import { freemem, totalmem } from 'node:os';
import { readFileSync } from 'node:fs';

/** Returns the memory that programs can still get, in bytes: what the system counts as free leaves out what it would give up. */
export function availableMemory(): number {
  const limit = constrainedMemory();
  const isLimited = limit > 0 && limit < totalmem();
  const left = availableOfSystem();
  return isLimited ? Math.min(left, limit - process.memoryUsage().rss) : left;
}

function availableOfSystem(): number {
  try {
    const [, kib] = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? [];
    return kib === undefined ? freemem() : Number(kib) * 1_024;
  } catch {
    // Only Linux has this file.
    return freemem();
  }
}
