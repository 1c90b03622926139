export { HttpClient, httpClient } from './httpClient';
export { httpHandler } from './httpHandler';
export type { HttpHandler } from './httpHandler';
export { HttpError } from '../../modules/http/httpError';
export type { HttpAnswer, HttpRequest } from '../../modules/http/httpTypes';
export type { HttpOptions } from '../../config/optionTypes';
export type { Caller } from '../../modules/worker/caller';
