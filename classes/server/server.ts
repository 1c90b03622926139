export { brokerPlugin } from './brokerPlugin';
export type { BrokerPluginOptions } from './brokerPlugin';
export { brokerHandler, startServer } from './brokerServer';
export type { BrokerServer, NodeHandler, StartOptions } from './brokerServer';
export { newToken } from '../../modules/server/tokens';
export type { NewToken } from '../../modules/server/tokens';
export type { TokenArguments } from '../../modules/server/serverTokens';
export { PROBLEMS } from '../../constants/problems';
export type { ProblemCode } from '../../constants/problems';
