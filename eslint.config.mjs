import tseslint from 'typescript-eslint';
import holdfast from './eslint.rules.mjs';

/** Imports run one way between floors, for types as well: constants ← config ← modules ← classes ← index. */
const FLOORS = ['constants', 'config', 'modules', 'classes'];

/** A room imports itself and the rooms before it; of two in one array neither sees the other. */
export const ROOMS = {
  modules: [
    'values',
    'time',
    'errors',
    'options',
    'task',
    'schedule',
    'ports',
    ['sqlite', 'mongo'],
    'store',
    'observe',
    'flow',
    'search',
    'bulk',
    'roster',
    'statistics',
    'broker',
    'admin',
    'sqs',
    'server',
    'client',
    'worker',
    'http',
    'mail',
    'events',
    'cli',
    'demo',
  ],
  classes: [
    'async',
    'observe',
    ['sqlite', 'mongo'],
    'flow',
    'statistics',
    'idle',
    'lease',
    'search',
    'bulk',
    'roster',
    'store',
    'schedule',
    'queue',
    'copy',
    'broker',
    'admin',
    'sqs',
    'server',
    'client',
    'worker',
    'http',
    'mail',
    'events',
    'demo',
    'cli',
    'testing',
  ],
};

/** The rooms that know one database; only `openStore` chooses between them. */
const DATABASES = ['sqlite', 'mongo'];

const refuse = (files, patterns) => ({ files, rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] } });

const floorPatterns = (floor) => {
  const above = FLOORS.slice(FLOORS.indexOf(floor) + 1);
  return above.length === 0 ? [] : [{ regex: `^(\\.\\./)+(${above.join('|')})/`, message: `${floor}/ imports nothing from ${above.join('/, ')}/` }];
};

const roomPatterns = (floor, name, later) =>
  later.length === 0 ? [] : [{ regex: `^\\.\\./(${later.join('|')})/`, message: `${floor}/${name}/ imports itself and the rooms before it` }];

const doorPatterns = (name) =>
  DATABASES.includes(name)
    ? []
    : [{ regex: `^(\\.\\./)+(modules/)?(${DATABASES.join('|')})/`, message: 'only openStore names a database', allowTypeImports: name === 'store' }];

/** The rule of one room: its floor, the rooms behind it, and the one door to the databases. */
const roomRules = (floor) =>
  ROOMS[floor].flatMap((entry, index) =>
    [entry].flat().map((name) => {
      const later = [...ROOMS[floor].slice(index + 1).flat(), ...[entry].flat().filter((beside) => beside !== name)];
      return refuse([`${floor}/${name}/**/*.ts`], [...floorPatterns(floor), ...roomPatterns(floor, name, later), ...doorPatterns(name)]);
    }),
  );

export default tseslint.config(
  {
    ignores: [
      'build/',
      'dashboard/dist/',
      'coverage/',
      'node_modules/',
      'test/packaging/consumer/',
      'index.js',
      'bin/',
      'eslint.config.mjs',
      'eslint.rules.mjs',
    ],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { project: './tsconfig.json' } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      eqeqeq: 'error',
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'no-control-regex': 'error',
    },
  },
  refuse(['constants/**/*.ts'], floorPatterns('constants')),
  refuse(['config/**/*.ts'], floorPatterns('config')),
  ...roomRules('modules'),
  ...roomRules('classes'),
  {
    files: ['modules/**/*.ts', 'classes/**/*.ts'],
    ignores: [
      'classes/store/openStore.ts',
      'classes/cli/serverCommand.ts',
      'classes/cli/workerDashboard.ts',
      'classes/cli/commands.ts',
      'classes/cli/runner.ts',
      'classes/cli/openBackend.ts',
    ],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'ImportExpression[source.value=/^\\./]', message: 'only openStore and the command line load code later' },
        {
          selector: 'CallExpression[callee.name="require"][arguments.0.value=/^\\./]',
          message: 'only openStore and the command line load code later',
        },
      ],
    },
  },
  // It is made from the tables.
  { files: ['config/optionTypes.ts'], rules: { 'max-lines': 'off' } },
  // It is a catalogue, which is read by looking up a code.
  { files: ['constants/errors.ts'], rules: { 'max-lines': 'off' } },
  // These libraries take tens of milliseconds to load, and most programs need them late or never.
  {
    files: ['modules/options/checkOptions.ts', 'modules/events/jsonSchema.ts', 'modules/observe/*.ts', 'modules/schedule/*.ts'],
    rules: { '@typescript-eslint/no-require-imports': ['error', { allow: ['^ajv', '^croner$', '^winston$'] }] },
  },
  // Optional peers: a program that calls nobody and mails nobody has none of them.
  {
    files: ['classes/http/httpPeers.ts', 'classes/mail/mailPeers.ts'],
    rules: {
      '@typescript-eslint/no-require-imports': ['error', { allow: ['^undici$', '^ipaddr\\.js$', '^cockatiel$', '^nodemailer$', '^handlebars$'] }],
    },
  },
  {
    files: [
      'classes/cli/serverCommand.ts',
      'classes/cli/workerDashboard.ts',
      'classes/cli/commands.ts',
      'classes/cli/runner.ts',
      'classes/cli/openBackend.ts',
    ],
    rules: { '@typescript-eslint/no-require-imports': ['error', { allow: ['brokerServer$', 'Command$', 'Backend$'] }] },
  },
  {
    files: ['classes/store/openStore.ts'],
    rules: { '@typescript-eslint/no-require-imports': ['error', { allow: ['Database$', 'Backup$', '/examine\\w+$'] }] },
  },
  // The page runs in a browser, and has a project of its own with the types of one.
  { files: ['dashboard/**/*.{ts,tsx}'], languageOptions: { parserOptions: { project: './dashboard/tsconfig.json' } } },
  { files: ['modules/sqlite/*.ts', 'classes/sqlite/*.ts'], plugins: { holdfast }, rules: { 'holdfast/prepared-once': 'error' } },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    plugins: { holdfast },
    rules: { 'max-lines-per-function': 'off', 'holdfast/max-own-lines': ['error', { max: 40 }], '@typescript-eslint/no-unused-expressions': 'off' },
  },
);
