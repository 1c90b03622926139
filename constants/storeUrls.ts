/** The kinds of URLs that a store is opened by, as messages and descriptions name them. */
export const STORE_URLS = 'mongodb://…, mongodb+srv://…, sqlite:./path or sqlite::memory:';
