import { mongoOnly } from './contract/mongoOnly';
import { sqliteOnly } from './contract/sqliteOnly';
import { storeContract } from './storeContract';
import { forEachStore, forMongo, forReference, forSqlite } from './support/stores';

forEachStore('the contract of stores', storeContract);
forReference('the contract of stores', storeContract);
forSqlite('what is so only', sqliteOnly);
forMongo('what is so only', mongoOnly);
