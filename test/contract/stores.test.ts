import { mongoOnly } from './mongoOnly';
import { sqliteOnly } from './sqliteOnly';
import { storeContract } from './storeContract';
import { forEachStore, forMongo, forReference, forSqlite } from '../support/stores';

forEachStore('the contract of stores', storeContract);
forReference('the contract of stores', storeContract);
forSqlite('what holds only', sqliteOnly);
forMongo('what holds only', mongoOnly);
