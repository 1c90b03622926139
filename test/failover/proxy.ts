import { createServer, connect } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { mongo } from 'mongoose';

/** The requests of a store, each recognised by text that no other request contains. */
const KINDS = {
  insert: (name: string) => name === 'insert',
  claim: (name: string, text: string) => (name === 'update' || name === 'findAndModify') && text.includes('"$attempt"'),
  settle: (name: string, text: string) => name === 'update' && text.includes('"settledBy"'),
  renew: (name: string, text: string) => name === 'update' && text.includes('"$lease.expiresAt"'),
} as const;

export type Kind = keyof typeof KINDS;

/**
 * `cut` forwards the request, and closes the connection instead of replying; `halve` closes it in the middle of the reply; `swallow` never replies;
 * `drop` closes the connection without forwarding the request; `late` does too, but the server gets the request a while later.
 */
export type Fault = 'cut' | 'halve' | 'swallow' | 'drop' | 'late';

/** Time after which a late request arrives. */
const LATE_MS = 1_500;

const HEADER_BYTES = 16;
const OP_MSG = 2013;

/** A network between one store and one server. The test decides when it breaks. */
export class Proxy {
  readonly #port: number;
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #fault: { readonly kind: Kind; readonly fault: Fault; left: number } | undefined;
  #isOpen = true;
  #struck = 0;
  #arrivedLate = 0;
  #oneWayMs = 0;

  private constructor(port: number) {
    this.#port = port;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Opens a proxy to a port of this machine. */
  static async to(port: number): Promise<Proxy> {
    const proxy = new Proxy(port);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  uri(database: string): string {
    return `mongodb://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${database}?directConnection=true`;
  }

  /** Breaks at the next requests of a kind. */
  breakAt(kind: Kind, fault: Fault, times = 1): void {
    this.#fault = { kind, fault, left: times };
  }

  /** The number of faults so far. */
  get struck(): number {
    return this.#struck;
  }

  /** The number of late requests that the server has answered. */
  get arrivedLate(): number {
    return this.#arrivedLate;
  }

  /** Carries each request and each answer only after this time. */
  slowBy(oneWayMs: number): void {
    this.#oneWayMs = oneWayMs;
  }

  /** Holds all traffic. Sent data is kept, and no connection ends. */
  block(): void {
    this.#isOpen = false;
    for (const socket of [...this.#pairs].flat()) socket.pause();
  }

  /** Lets traffic through again, including all that was held. */
  unblock(): void {
    this.#isOpen = true;
    for (const socket of [...this.#pairs].flat()) socket.resume();
  }

  /** Lets only new connections through. The old ones stay open and never carry anything again, as after a router has forgotten them. */
  unblockNewOnes(): void {
    this.#isOpen = true;
  }

  /** Resets all connections. Who has just been reset does not know it before its next turn. */
  reset(): void {
    for (const socket of [...this.#pairs].flat()) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    for (const pair of this.#pairs) end(pair);
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    const server = connect(this.#port, '127.0.0.1');
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    for (const socket of pair) {
      socket.on('error', () => end(pair));
      socket.on('close', () => {
        this.#pairs.delete(pair);
        end(pair);
      });
      if (!this.#isOpen) socket.pause();
    }
    const faults = new Map<number, Fault>();
    onMessages(client, (message) => this.#carry(() => this.#forward(message, pair, faults)));
    onMessages(server, (message) => this.#carry(() => reply(message, pair, faults)));
  }

  #forward(message: Buffer, pair: readonly [Socket, Socket], faults: Map<number, Fault>): void {
    const fault = this.#faultOf(message);
    if (fault === 'late') setTimeout(() => this.#deliver(message), LATE_MS);
    if (fault === 'drop' || fault === 'late') return end(pair);
    if (fault) faults.set(message.readInt32LE(4), fault);
    pair[1].write(message);
  }

  /** Messages of one direction stay in order, as all take the same time. */
  #carry(pass: () => void): void {
    if (this.#oneWayMs === 0) pass();
    else setTimeout(pass, this.#oneWayMs);
  }

  /** Gives a request to the server whose sender is gone. */
  #deliver(message: Buffer): void {
    const server = connect(this.#port, '127.0.0.1', () => server.write(message));
    server.once('data', () => {
      this.#arrivedLate += 1;
      server.destroy();
    });
  }

  #faultOf(message: Buffer): Fault | undefined {
    if (!this.#fault || this.#fault.left === 0) return undefined;
    const command = commandOf(message);
    if (!command || !KINDS[this.#fault.kind](command.name, command.text)) return undefined;
    this.#fault.left -= 1;
    this.#struck += 1;
    return this.#fault.fault;
  }
}

function reply(message: Buffer, pair: readonly [Socket, Socket], faults: Map<number, Fault>): void {
  const fault = faults.get(message.readInt32LE(8));
  if (fault === 'swallow') return;
  if (fault === 'cut') return end(pair);
  if (fault === 'halve') return void pair[0].write(message.subarray(0, message.length / 2), () => end(pair));
  pair[0].write(message);
}

function end(pair: readonly [Socket, Socket]): void {
  for (const socket of pair) socket.destroy();
}

/** Splits a stream into messages of MongoDB's wire protocol. Each starts with its length. */
function onMessages(socket: Socket, take: (message: Buffer) => void): void {
  let pending = Buffer.alloc(0);
  socket.on('data', (data: Buffer) => {
    pending = Buffer.concat([pending, data]);
    while (pending.length >= HEADER_BYTES && pending.length >= pending.readInt32LE(0)) {
      const message = pending.subarray(0, pending.readInt32LE(0));
      pending = pending.subarray(message.length);
      take(message);
    }
  });
}

/** Returns the name and text of a command. An OP_MSG has flags, the kind of its first section, and the document. */
function commandOf(message: Buffer): { readonly name: string; readonly text: string } | undefined {
  if (message.readInt32LE(12) !== OP_MSG || message[20] !== 0) return undefined;
  const document = message.subarray(21, 21 + message.readInt32LE(21));
  const command = mongo.BSON.deserialize(document);
  return { name: Object.keys(command)[0] ?? '', text: JSON.stringify(command) };
}
