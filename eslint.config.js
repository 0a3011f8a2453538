import tseslint from 'typescript-eslint'

export default tseslint.config(
  // AssemblyScript looks like TypeScript but is not: its own compiler checks it.
  { ignores: ['node_modules', 'dist', '**/build/**', 'core/compute/wasm/kernels'] },
  ...tseslint.configs.strict,
  {
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-explicit-any': 'error',
      'no-console': 'error',
    },
  },
  // The command line is the one place that talks to a terminal.
  {
    files: [
      'core/hosts/**',
      '**/*.bench.ts',
      'core/compute/tensorflow/setup.ts',
      'electron/{build,package,start}.ts',
      'e2e/**',
    ],
    rules: { 'no-console': 'off' },
  },
)
