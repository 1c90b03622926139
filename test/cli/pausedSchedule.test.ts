import { expect } from 'chai';
import { startServer } from '../../classes/server/brokerServer';
import type { BrokerServer } from '../../classes/server/brokerServer';
import { Scheduler } from '../../classes/schedule/scheduler';
import { holdfast } from '../fixtures/commandLine';
import { forEachStore } from '../support/stores';

forEachStore('The next times of a schedule', (opening) => {
  let scheduler: Scheduler;
  let server: BrokerServer;
  beforeEach(async () => {
    const store = await opening.open();
    scheduler = new Scheduler(store);
    server = await startServer({ store, port: 0 });
    await scheduler.upsert('nightly', { queue: 'reports', cron: '0 2 * * *' });
  });
  afterEach(() => server.close());

  for (const side of ['store', 'server'] as const) {
    const next = (...flags: string[]) =>
      holdfast(['schedule', 'next', 'nightly', '--count', '2', ...flags], {
        env: side === 'server' ? { HOLDFAST_SERVER: server.url } : { HOLDFAST_URL: opening.url },
      });

    it(`are told on a ${side} of a paused one as those at which it would fire, and that it is paused`, async () => {
      const times = await scheduler.next('nightly', 2);
      const running = await next('-o', 'json');
      expect([running.code, running.err, JSON.parse(running.out)]).to.deep.equal([
        0,
        '',
        times.map((at) => ({ at: at.toISOString(), paused: false })),
      ]);
      await scheduler.pause('nightly');
      const paused = await next('-o', 'json');
      expect([paused.code, JSON.parse(paused.out)]).to.deep.equal([0, times.map((at) => ({ at: at.toISOString(), paused: true }))]);
      const table = await next();
      expect(table.out.match(/T02:00:00\.000Z .*paused/g)).to.have.length(2);
      expect(table.err).to.equal('The schedule nightly is paused: it fires at these times only if holdfast schedule resume nightly ends that\n');
      expect(await scheduler.next('nightly', 2)).to.deep.equal([]);
    });
  }

  it('are told to be none of one that has fired for the last time', async () => {
    await scheduler.upsert('once', { queue: 'reports', at: new Date(0) });
    const { code, err } = await holdfast(['schedule', 'next', 'once'], { env: { HOLDFAST_URL: opening.url } });
    expect([code, err]).to.deep.equal([0, 'The schedule once does not fire again\n']);
  });
});
