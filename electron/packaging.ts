/** What is packed and how, for electron-builder: AppImage and deb, dmg, nsis. `electron/package.ts` runs it; a test packs with it and starts the result. */
import type { Configuration } from 'electron-builder'

export const packaging: Configuration = {
  appId: 'studio.tandem.app',
  productName: 'Tandem Studio',
  copyright: 'MIT licence',
  directories: { output: 'dist/packages', buildResources: 'resources' },
  files: [
    'package.json',
    'dist/**',
    '!dist/packages/**',
    '!dist/**/*.map',
    // Sources, documentation and other platforms' parts of libraries that the program never reads.
    '!**/node_modules/**/*.{md,map,ts,markdown}',
    '!**/node_modules/**/{test,tests,docs,example,examples}/**',
    '!**/node_modules/better-sqlite3/{deps,src}/**',
  ],
  extraResources: [{ from: 'resources', to: 'resources', filter: ['**/*'] }],
  asar: true,
  // Libraries that the system's loader opens, and files that are read by other than Node's own means.
  asarUnpack: ['**/*.{node,so,so.*,dylib,dll}', '**/*.wasm', 'node_modules/@img/**'],
  npmRebuild: false,
  fileAssociations: [
    { ext: 'tandem', name: 'Tandem Studio project', role: 'Editor', mimeType: 'application/x-tandem-studio' },
  ],
  electronFuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
  },
  linux: {
    target: ['AppImage', 'deb'],
    category: 'Graphics',
    icon: 'resources/icons',
    synopsis: 'Draw sketches, get pictures',
  },
  deb: { maintainer: 'Tandem Studio' },
  mac: { target: ['dmg'], category: 'public.app-category.graphics-design', icon: 'resources/icons/512x512.png' },
  win: { target: ['nsis'], icon: 'resources/icons/256x256.png' },
  nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
  publish: null,
}
