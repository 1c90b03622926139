import { faultAnswers } from '../../modules/server/commonSchemas';
import { ADMIN_TAGS as tags, overview, session } from '../../modules/server/adminSchemas';
import type { Credential } from '../../modules/server/credential';
import { packageVersion } from '../../modules/values/packageVersion';
import type { Admin } from '../admin/admin';
import { seenBy } from './accessGuard';
import { plainJson } from './jsonBodies';
import type { ServerApp, ServerParts } from './serverParts';

/** Routes that say who looks, and how everything is. */
export function addOverviewRoutes(app: ServerApp, { admin, allowWrites }: ServerParts): void {
  app.get(
    '/v1/admin/session',
    {
      config: { access: 'known', isPage: true },
      schema: {
        tags,
        operationId: 'adminSession',
        summary: 'Says who calls, and what this server serves.',
        response: { 200: session, ...faultAnswers },
      },
    },
    async ({ credential }) => {
      const canWrite = credential ? await mayWrite(admin, credential) : allowWrites;
      const { url } = admin.store;
      const store = { kind: url.startsWith('mongodb') ? 'mongodb' : 'sqlite', url };
      return { user: credential?.name ?? null, canWrite, readOnly: !canWrite, version: packageVersion(), store, now: new Date(await admin.now()) };
    },
  );
  app.get(
    '/v1/admin/overview',
    {
      config: { access: 'read' },
      serializerCompiler: plainJson,
      schema: {
        tags,
        operationId: 'adminOverview',
        summary: 'Shows what is wrong, all queues and the last hour.',
        response: { 200: overview, ...faultAnswers },
      },
    },
    (request) => admin.picture.overview(seenBy(request)),
  );
}

/** Tells whether a caller may change anything. Of a user that is known only by the queues that are there. */
const mayWrite = async (admin: Admin, credential: Credential): Promise<boolean> =>
  credential.canWrite || (await admin.queuesSeen((queue) => credential.may('admin', queue))).length > 0;
