import { problemSchema } from '../../modules/server/commonSchemas';
import { makeValidators } from '../../modules/server/validators';
import { guardAccess } from './accessGuard';
import { addAdminRoutes } from './adminRoutes';
import { addDashboard } from './dashboardRoutes';
import { addDocs } from './docsRoutes';
import { answerFault } from './faults';
import { addHealthRoutes } from './healthRoutes';
import { takeJson, takeReadBodies } from './jsonBodies';
import { addLookRoutes } from './lookRoutes';
import { addPageRoutes } from './pageRoutes';
import { addQueueRoutes } from './queueRoutes';
import { addReceiveRoute } from './receiveRoute';
import { addSendRoute } from './sendRoute';
import type { ServerApp, ServerParts } from './serverParts';
import { addSettleRoutes } from './settleRoutes';
import { addSqsRoutes } from './sqsRoutes';
import { tellActs } from './tellActs';

/** Adds all routes to an app, with checks, parsers and errors of their own. */
export async function addBrokerRoutes(app: ServerApp, parts: ServerParts): Promise<void> {
  app.setErrorHandler(answerFault(parts));
  app.setValidatorCompiler(makeValidators());
  app.addSchema(problemSchema);
  guardAccess(app, parts);
  tellActs(app, parts);
  await addDocs(app);
  takeReadBodies(app);
  takeJson(app);
  addHealthRoutes(app, parts);
  addQueueRoutes(app, parts);
  addSendRoute(app, parts);
  addReceiveRoute(app, parts);
  addSettleRoutes(app, parts);
  addLookRoutes(app, parts);
  addAdminRoutes(app, parts);
  addDashboard(app);
  addPageRoutes(app, parts);
  addSqsRoutes(app, parts);
}
