import { systemOf } from '../systems/all';
import { workOf } from '../works/all';
import type { Measurement } from '../works/work';

/** Makes one measurement in a separate process and sends its readings to the parent. */
async function main(): Promise<void> {
  process.once('disconnect', () => process.exit(1));
  const measurement = JSON.parse(process.argv[2] ?? '') as Measurement;
  const subject = systemOf(measurement.system);
  const work = workOf(measurement.work);
  const client = await subject.open(measurement.url);
  const stage = { ...measurement, subject, client };
  const readings = measurement.prepare ? ((await work.prepare?.(stage)) ?? []) : await work.measure(stage);
  await client.close();
  process.send?.(readings, () => process.exit(0));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
