import { forReference } from '../support/stores';
import { storeContract } from './storeContract';

forReference('the contract of stores', storeContract);
