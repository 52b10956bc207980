/**
 * The fences between the parts. In one line: domain knows nothing; pipeline knows domain; adapters know pipeline;
 * apps know everyone; adapters never know each other.
 */
const adapters = ['clickhouse', 'kafka', 'channels'];
const specs = '\\.spec\\.ts$';
const packages = (...names) => names.map((name) => `(^|/)node_modules/${name.replace('/', '\\/')}(/|$)`);

/** `packageNames` may be imported only from files that match `home`. */
const onlyIn = (name, home, packageNames, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: '^(libs|apps)/', pathNot: [home, specs] },
  to: { path: packages(...packageNames) },
});

module.exports = {
  forbidden: [
    {
      name: 'domain-imports-nothing',
      comment: 'libs/domain is pure: not even Node.',
      severity: 'error',
      from: { path: '^libs/domain/', pathNot: specs },
      to: { pathNot: '^libs/domain/' },
    },
    {
      name: 'contracts-know-domain-only',
      comment: 'What is on the wire must be readable without the rest.',
      severity: 'error',
      from: { path: '^libs/contracts/' },
      to: { path: '^libs/', pathNot: '^libs/(contracts|domain)/' },
    },
    {
      name: 'scoring-knows-domain-only',
      comment: 'Models and measures are pure: no store, no files.',
      severity: 'error',
      from: { path: '^libs/scoring/', pathNot: specs },
      to: { pathNot: '^libs/(scoring|domain)/' },
    },
    {
      name: 'pipeline-knows-no-adapter',
      comment: 'Use cases reach the outside through their ports.',
      severity: 'error',
      from: { path: '^libs/pipeline/', pathNot: specs },
      to: { path: '^libs/', pathNot: '^libs/(pipeline|contracts|domain)/' },
    },
    ...adapters.map((adapter) => ({
      name: `${adapter}-knows-no-other-adapter`,
      comment: 'Only apps put adapters together.',
      severity: 'error',
      from: { path: `^libs/${adapter}/` },
      to: { path: '^libs/', pathNot: `^libs/(${adapter}|pipeline|scoring|contracts|domain|platform)/` },
    })),
    {
      name: 'only-the-store-scores',
      comment: 'Scores are worked out where the events are; no other adapter has a use for a model.',
      severity: 'error',
      from: { path: '^libs/(kafka|channels)/' },
      to: { path: '^libs/scoring/' },
    },
    {
      name: 'platform-knows-no-adapter',
      comment: 'Logs, metrics and health serve every role alike.',
      severity: 'error',
      from: { path: '^libs/platform/' },
      to: { path: '^libs/', pathNot: '^libs/(platform|pipeline|contracts|domain)/' },
    },
    {
      name: 'libs-know-no-app',
      comment: 'Apps compose libs, never the other way round.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'product-knows-no-test',
      comment: 'Nothing that ships needs the tests.',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: specs },
      to: { path: '^test/' },
    },
    {
      name: 'testing-parts-are-for-specs',
      comment: 'Test builders and contract suites do not ship.',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: [specs, '/testing/'] },
      to: { path: '^libs/[^/]+/src/testing/' },
    },
    {
      name: 'libs-are-entered-by-the-front-door',
      comment: 'Another lib is imported by its index.ts only (#name).',
      severity: 'error',
      from: { path: '^libs/([^/]+)/' },
      to: { path: '^libs/([^/]+)/', pathNot: ['^libs/$1/', '^libs/[^/]+/src/index\\.ts$', '/src/testing/index\\.ts$'] },
    },
    {
      name: 'apps-use-the-front-door-too',
      comment: 'Apps import libs by their index.ts only (#name).',
      severity: 'error',
      from: { path: '^apps/' },
      to: { path: '^libs/', pathNot: ['^libs/[^/]+/src/index\\.ts$', '/src/testing/index\\.ts$'] },
    },
    onlyIn('clickhouse-at-home', '^libs/clickhouse/', ['@clickhouse/client', 'chdb'], 'SQL and its engine: one lib.'),
    onlyIn('kafkajs-at-home', '^libs/kafka/', ['kafkajs'], 'The log could be served by another client one day.'),
    onlyIn('nodemailer-at-home', '^libs/channels/', ['nodemailer'], 'Mail leaves by its channel.'),
    onlyIn(
      'nest-at-the-edge',
      '^apps/|^libs/platform/|\\.(module|server)\\.ts$',
      ['@nestjs/[^/]+'],
      'Decisions and storage do not know the framework.',
    ),
    {
      name: 'no-circles',
      comment: 'A circle has no first file to read.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'what-is-imported-exists',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'what-ships-is-a-dependency',
      comment: 'A package that a user needs at run time is no devDependency.',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: [specs, '/testing/', '^apps/console/web/'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^dist/', '^apps/console/web/'] },
    tsPreCompilationDeps: true,
    webpackConfig: { fileName: '.ci/fences.resolve.cjs' },
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
