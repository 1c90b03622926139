import { SQSClient } from '@aws-sdk/client-sqs';
import { startServer } from '../../classes/server/server';
import type { BrokerServer, StartOptions } from '../../classes/server/server';
import type { Store } from '../../classes/store/store';
import type { Opening } from '../support/stores';

/** A server with a client of the AWS SDK. */
export interface Served {
  readonly server: BrokerServer;
  readonly store: Store;
  readonly client: SQSClient;
}

/** Servers and clients of one test. */
export class SqsServers {
  readonly #opening: Opening;
  readonly #servers: BrokerServer[] = [];
  readonly #clients: SQSClient[] = [];

  constructor(opening: Opening) {
    this.#opening = opening;
  }

  async start(options: Omit<StartOptions, 'store'> = {}): Promise<Served> {
    const store = await this.#opening.open();
    const server = await startServer({ store, port: 0, ...options });
    this.#servers.push(server);
    return { server, store, client: this.keep(clientOf(server.url)) };
  }

  /** Closes a client at the end of the test. */
  keep(client: SQSClient): SQSClient {
    this.#clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.destroy();
    await Promise.all(this.#servers.splice(0).map((server) => server.close()));
  }
}

/** Makes a client as a user would; by default its keys are no secrets. */
export const clientOf = (endpoint: string, credentials = { accessKeyId: 'local', secretAccessKey: 'local' }): SQSClient =>
  new SQSClient({ endpoint, credentials: { ...credentials }, region: 'eu-central-1', maxAttempts: 1 });

/** Returns the name of the error that a call ends with, or `none`. */
export const errorName = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: unknown) => (error as Error).name,
  );
