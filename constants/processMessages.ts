/** The message of a child process to its supervisor: it has begun to serve. */
export const SERVES = 'serves';
