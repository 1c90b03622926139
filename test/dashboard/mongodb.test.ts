import { forMongo } from '../support/stores';
import { browserTests } from './browserTests';

browserTests(forMongo);
