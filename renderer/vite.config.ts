import { svelte } from '@sveltejs/vite-plugin-svelte'
import { join } from 'node:path'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  // The web host serves them from its root, Electron from app://studio/.
  base: './',
  plugins: [svelte()],
  build: { outDir: join(import.meta.dirname, '../dist/renderer'), emptyOutDir: true, target: 'es2023' },
})
