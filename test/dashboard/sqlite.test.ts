import { forSqlite } from '../support/stores';
import { browserTests } from './browserTests';

browserTests(forSqlite);
