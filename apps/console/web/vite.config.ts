import { defineConfig } from 'vite';

/** Paths are relative to this folder: it is given to Vite as its root (see the script `build:console`). */
export default defineConfig({
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../../dist/console',
    emptyOutDir: true,
    target: 'es2022',
    // The gateway's Content-Security-Policy allows files of its own origin only: no data: URLs, no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
