import { isHoldfastError } from '../../modules/errors/holdfastError';
import { DASHBOARD_PORT, DASHBOARD_PORTS } from '../../constants/serverLimits';
import { taskError } from '../../modules/errors/taskError';
import { theLogger } from '../../modules/observe/logger';
import type * as server from '../server/brokerServer';
import type { Store } from '../store/store';

/** Time in which the worker begins with its first tasks. Loading the server then stops all else for some tenths of a second. */
const BEGIN_AFTER_MS = 200;

/**
 * The dashboard beside the worker of `node index.js`: on this machine alone, with writes. It starts when the worker has started, and ends with it. Nothing
 * that goes wrong with it concerns the worker.
 */
export class WorkerDashboard {
  readonly #store: Store;
  #starting: Promise<server.BrokerServer | undefined> | undefined;
  #isOver = false;

  constructor(store: Store) {
    this.#store = store;
    store.events.on('worker-started', () => void store.parts.clock.after(BEGIN_AFTER_MS, () => this.#begin(), 'idle'));
    store.events.on('worker-stopping', () => void this.close());
  }

  /** Ends the dashboard. Safe to call twice. */
  async close(): Promise<void> {
    this.#isOver = true;
    await (await this.#starting)?.close();
  }

  #begin(): void {
    if (!this.#isOver) this.#starting ??= this.#start();
  }

  async #start(): Promise<server.BrokerServer | undefined> {
    try {
      const found = await this.#listen();
      theLogger().info(`Dashboard: ${found.url}/`);
      return found;
    } catch (error) {
      theLogger().warn(`There is no dashboard beside this worker: ${taskError(error).message}`);
      return undefined;
    }
  }

  /** Listens on the first port that is free, at last on any. Another worker on this machine may have its own dashboard. */
  async #listen(): Promise<server.BrokerServer> {
    // The server takes longer to load than all else here, and the worker works meanwhile.
    const { startServer } = require('../server/brokerServer') as typeof server;
    for (let port = DASHBOARD_PORT; ; port += 1) {
      const isLast = port === DASHBOARD_PORT + DASHBOARD_PORTS;
      try {
        return await startServer({ store: this.#store, host: '127.0.0.1', port: isLast ? 0 : port, allowWrites: true, closeGraceMs: 500 });
      } catch (error) {
        if (isLast || !isHoldfastError(error, 'HOLDFAST_PORT_TAKEN')) throw error;
      }
    }
  }
}
