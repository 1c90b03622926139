import { forMongo } from '../support/stores';
import { mongoOnly } from './mongoOnly';

forMongo('what holds only', mongoOnly);
