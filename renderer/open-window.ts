import '@fontsource-variable/inter/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import { mount } from 'svelte';
import type { Api } from './api/api.ts';
import App from './App.svelte';
import { AppState } from './state/app.svelte.ts';

/** Puts the app on the page, over whatever answers for it. */
export async function openWindow(api: Api): Promise<void> {
  const { app, close } = await AppState.open(api);
  window.addEventListener('pagehide', close);
  mount(App, { target: document.getElementById('app')!, props: { app } });
}
