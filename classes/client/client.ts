/** The entry `holdfast/client`: it loads nothing else of Holdfast. */
export { BrokerClient } from './brokerClient';
export { BrokerError } from '../../modules/client/brokerError';
export type { BrokerErrorCode, ClientFaultCode } from '../../modules/client/brokerError';
export type { BrokerClientOptions, ConsumeOptions } from '../../modules/client/clientOptions';
export type { ConsumedMessage } from './consumer';
export type * from '../../modules/client/wire';
