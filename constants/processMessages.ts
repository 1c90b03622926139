/** What a process sends to its supervisor when it has begun to serve. */
export const SERVES = 'serves';
