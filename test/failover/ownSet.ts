import { openStore } from '../../classes/store/openStore';
import type { StoreArguments } from '../../modules/store/storeSource';
import { replicaSet, whyNoReplicaSet } from '../support/replicaSet';
import type { Member, ReplicaSet } from '../support/replicaSet';
import { Load } from './load';
import type { LoadOptions } from './load';
import { reportRecoveries } from './recoveries';

/** Enough time to fetch a server and to start three. */
const START_MS = 300_000;

/** Shared by all files, because they share the servers. */
let names = 0;

/** The replica set, and the loads that tests start on it. After each test all loads are closed and the servers are healthy again. */
export class OwnSet {
  readonly #loads: Load[] = [];
  #set: ReplicaSet | undefined;

  get set(): ReplicaSet {
    if (!this.#set) throw new Error('the replica set has not been started');
    return this.#set;
  }

  primary(): Promise<Member> {
    return this.set.primary();
  }

  /** Returns a database name that no other test uses. */
  freshName(): string {
    return `failover_${process.pid}_${(names += 1)}`;
  }

  /** Starts a load of two workers, each with a store of its own, on a fresh database. */
  startLoad(options: Partial<LoadOptions> = {}, storeOptions: object = {}): Promise<Load> {
    const url = this.set.uri(this.freshName());
    const each = { url, ...storeOptions };
    return this.loadOn([each, each], options);
  }

  async loadOn(given: readonly StoreArguments[], options: Partial<LoadOptions> = {}): Promise<Load> {
    const stores = await Promise.all(given.map((each) => openStore(each)));
    const load = new Load(stores, options);
    this.#loads.push(load);
    return load.start();
  }

  async start(): Promise<void> {
    this.#set = await replicaSet();
  }

  async rest(): Promise<void> {
    await this.#set?.heal();
    for (const load of this.#loads.splice(0)) await load.close();
  }
}

/** Defines tests on the replica set of this run. They are skipped, with the reason, if there is none. */
export function onReplicaSet(title: string, define: (own: OwnSet) => void): void {
  describe(title, function () {
    this.timeout(START_MS);
    const own = new OwnSet();
    before(async function () {
      const why = await whyNoReplicaSet();
      if (why !== null) {
        process.stdout.write(`${title} skipped: ${why}\n`);
        return this.skip();
      }
      await own.start();
    });
    afterEach(() => own.rest());
    after(reportRecoveries);
    define(own);
  });
}
