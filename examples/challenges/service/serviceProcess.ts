import type { AddressInfo } from 'node:net';
import { openStore } from '../../../index';
import { Journal } from '../journal';
import { openRecords } from './challengeRecords';
import { challengeService } from './challengeService';
import type { Weather } from './weather';

/** What the crew tells this process. */
export interface ServiceOrders {
  readonly url: string;
  readonly port: number;
  readonly token: string;
  readonly folder: string;
  readonly weather: Partial<Weather>;
}

/** Runs the challenge service until SIGTERM. */
async function serve({ url, port, token, folder, weather }: ServiceOrders): Promise<void> {
  const records = await openRecords(url);
  const store = await openStore(records.connection);
  const app = challengeService({ records, store, token, weather, journal: new Journal(folder, `service-${process.pid}`) });
  const stop = async (): Promise<void> => {
    await app.close();
    await store.close();
    await records.close();
    process.exit(0);
  };
  process.once('SIGTERM', () => void stop());
  process.once('disconnect', () => void stop());
  process.on('SIGINT', () => undefined);
  await app.listen({ port, host: '127.0.0.1' });
  process.send?.({ port: (app.server.address() as AddressInfo).port });
}

void serve(JSON.parse(process.argv[2] ?? '{}') as ServiceOrders);
