import { measure } from './works';
import type { Measurement } from './works';

/** Runs one measurement in a process of its own, and sends what it measured to its parent. */
async function main(): Promise<void> {
  const value = await measure(JSON.parse(process.argv[2] ?? '') as Measurement);
  process.send?.(value);
  process.disconnect();
}

void main();
