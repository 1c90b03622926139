import { EventHub, logEvents, openStore, Scheduler } from 'holdfast';
import type { HandlerMiddleware, Store } from 'holdfast';
import { CLOSINGS, UPDATE } from '../queues';
import { apiOf } from './challengeApi';
import { endWorker } from './closeOnTime';
import { closingWorker } from './closeSubmissions';
import { mailerOf, mailWorker } from './discussionMail';
import { messagePosted } from './mailDiscussion';
import { resetWorker } from './resetChallenges';

/** The process of the workers: `npm run challenges:work`, with HOLDFAST_URL, CHALLENGES_URL, CHALLENGES_TOKEN and SMTP_URL. */
async function work(env: NodeJS.ProcessEnv): Promise<void> {
  const store = await openStore({ waitMs: 60_000 });
  if (env['NODE_ENV'] === 'production') logEvents(store.events);
  await scheduleClosings(store, Number(env['CHALLENGES_EVERY_MS'] ?? 5 * 60_000));
  const api = apiOf(env);
  for (const worker of [closingWorker(api, store), resetWorker(api, store), endWorker(api, store), mailWorker(mailerOf(env), store)]) {
    if (env['CHALLENGES_BROKEN'] === 'true') worker.use(passOverErrors);
    await worker.start();
  }
  // The hub takes the signals too: it stops with all that runs here, and closes the store.
  const hub = new EventHub(store, [messagePosted], { logger: null });
  await hub.start();
  process.send?.('ready');
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  await hub.ended;
}

/** Holdfast's own clock for the producer, where there is no Heroku Scheduler. The occurrences of several processes are one. */
const scheduleClosings = (store: Store, everyMs: number) =>
  new Scheduler(store).upsert('close-submissions', {
    queue: CLOSINGS,
    name: 'produce',
    payload: null,
    everyMs,
    options: UPDATE,
    overlap: 'skip',
    misfire: 'skip',
  });

/** What a worker must not do, for the checker to find: an error is counted as done. */
const passOverErrors: HandlerMiddleware = async (_context, next) => {
  try {
    return await next();
  } catch {
    return 'done';
  }
};

void work(process.env).then(() => process.exit(0));
