/** The environments that the configuration distinguishes. */
export const ENVIRONMENTS = ['production', 'development', 'test'] as const;

export type Environment = (typeof ENVIRONMENTS)[number];

const isEnvironment = (name: string | undefined): name is Environment => ENVIRONMENTS.some((known) => known === name);

/** The current environment: `NODE_ENV` if it names one of the known ones, else `development`. */
export const env: Environment = isEnvironment(process.env['NODE_ENV']) ? process.env['NODE_ENV'] : 'development';
