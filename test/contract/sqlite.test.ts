import { forSqlite } from '../support/stores';
import { sqliteOnly } from './sqliteOnly';
import { storeContract } from './storeContract';

forSqlite('the contract of stores', storeContract);
forSqlite('what holds only', sqliteOnly);
