import { forMongo } from '../support/stores';
import { storeContract } from './storeContract';

forMongo('the contract of stores', storeContract);
