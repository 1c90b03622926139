import type { Emitter } from './emitter';

/** Writes what an opened store warns of to the error stream of a command, a line each. */
export function tellWarnings(events: Emitter, output: Pick<NodeJS.WritableStream, 'write'>): void {
  events.on('store-warning', ({ url, message }) => void output.write(`${url}: ${message}\n`));
}
