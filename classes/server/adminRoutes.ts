import { addAdminQueueRoutes } from './adminQueueRoutes';
import { addAdminTaskRoutes } from './adminTaskRoutes';
import { addObserveRoutes } from './observeRoutes';
import { addOverviewRoutes } from './overviewRoutes';
import { addBatchRoutes } from './batchRoutes';
import { addScheduleRoutes } from './scheduleRoutes';
import { addSearchRoutes } from './searchRoutes';
import { addStreamRoute } from './streamRoute';
import type { ServerApp, ServerParts } from './serverParts';

/** Adds the routes of the admin API. */
export function addAdminRoutes(app: ServerApp, parts: ServerParts): void {
  addOverviewRoutes(app, parts);
  addAdminQueueRoutes(app, parts);
  addAdminTaskRoutes(app, parts);
  addObserveRoutes(app, parts);
  addScheduleRoutes(app, parts);
  addSearchRoutes(app, parts);
  addBatchRoutes(app, parts);
  addStreamRoute(app, parts);
}
