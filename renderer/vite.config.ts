import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/** The renderer alone in a browser, over the fake API (`npm run dev:web`); the app is built by electron-vite. */
export default defineConfig({
  plugins: [svelte({ configFile: '../svelte.config.js' })],
  publicDir: '../resources/icons',
  server: { open: '/web.html' },
});
