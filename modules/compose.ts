/** Something that runs around each call of a handler: it may look, measure, catch, or not call `next` at all. */
export type Middleware<Context> = (context: Context, next: () => Promise<unknown>) => unknown;

/** Puts middleware around a handler, the first outermost. */
export function compose<Context>(middleware: readonly Middleware<Context>[], handler: (context: Context) => unknown): (context: Context) => unknown {
  if (middleware.length === 0) return handler;
  return async (context) => {
    const call = async (index: number): Promise<unknown> => {
      const next = middleware[index];
      return next ? next(context, () => call(index + 1)) : handler(context);
    };
    return call(0);
  };
}
