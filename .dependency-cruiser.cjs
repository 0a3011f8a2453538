// The arrows between the rooms of core/: each room may import only what stands here (and itself).
const rooms = {
  domain: [],
  contract: ['domain'],
  ebm: ['domain'],
  data: ['domain'],
  evaluation: ['domain'],
  compute: ['domain', 'ebm', 'data', 'evaluation'],
  storage: ['domain'],
  studio: ['domain', 'contract', 'storage', 'data', 'compute'],
  hosts: ['domain', 'contract', 'studio'],
}
// npm packages that only one room (or a few) may touch; everything not listed here is open to nobody.
const packages = {
  zod: ['contract'],
  'better-sqlite3': ['storage'],
  yauzl: ['data'],
  fastify: ['hosts'],
  '@fastify/(cookie|helmet|static|websocket)': ['hosts'],
  '@msgpack/msgpack': ['contract', 'hosts'],
  open: ['hosts'],
  '@tensorflow/tfjs': ['ebm', 'compute'],
  '@tensorflow/tfjs-core': ['ebm', 'compute'],
  '@tensorflow/tfjs-backend-cpu': ['ebm', 'compute'],
  '@tensorflow/tfjs-backend-wasm': ['compute'],
  '@tensorflow/tfjs-backend-webgpu': ['compute'],
  '@tensorflow/tfjs-node-gpu': ['compute'],
  webgpu: ['compute'],
  sharp: ['data'],
  commander: ['hosts'],
}

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'nothing-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'core-never-imports-shell-or-pages',
      severity: 'error',
      from: { path: '^core/' },
      to: { path: '^(electron|renderer)/' },
    },
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `${room}-imports-only-${allowed.join('-') || 'itself'}`,
      severity: 'error',
      from: { path: `^core/${room}/` },
      to: { path: '^core/', pathNot: `^core/(${[room, ...allowed].join('|')})/` },
    })),
    ...Object.entries(packages).map(([name, users]) => ({
      name: `${name.replace(/[^a-z]+/gi, '-')}-only-in-${users.join('-')}`,
      severity: 'error',
      from: { path: '^core/', pathNot: `^core/(${users.join('|')})/` },
      to: { path: `^node_modules/${name}/` },
    })),
    {
      name: 'pages-know-the-vocabulary-and-the-contract',
      severity: 'error',
      from: { path: '^renderer/src/' },
      to: { path: '^(core|electron)/', pathNot: '^core/(domain|contract)/' },
    },
    {
      name: 'pages-take-only-types-from-the-contract',
      severity: 'error',
      comment: 'The schemas check what comes in, in the host; zod stays out of the pages.',
      from: { path: '^renderer/src/' },
      to: { path: '^core/contract/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'pages-touch-no-machine',
      severity: 'error',
      from: { path: '^renderer/src/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'the-shell-wires-the-studio',
      severity: 'error',
      from: { path: '^electron/' },
      to: { path: '^(core|renderer)/', pathNot: '^core/(domain|contract|studio|hosts)/' },
    },
    {
      name: 'package-not-listed-above',
      severity: 'error',
      from: { path: '^core/' },
      to: {
        path: '^node_modules/',
        pathNot: `^node_modules/(${Object.keys(packages).join('|')}|@types|vitest|fast-check)/`,
      },
    },
    {
      name: 'vitest-only-in-tests',
      severity: 'error',
      from: { path: '^core/', pathNot: '(\\.test|esting|estPictures|engineUnderTest)\\.ts$' },
      to: { path: '^node_modules/vitest/' },
    },
    {
      name: 'numerics-and-vocabulary-touch-no-machine',
      severity: 'error',
      comment: 'domain, ebm and evaluation run in any JavaScript, so they import nothing of Node (tests may).',
      from: { path: '^core/(domain|ebm|evaluation)/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
