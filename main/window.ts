import { app, BrowserWindow, session, type WebContents } from 'electron';

/** What a window needs to open. */
export interface WindowPlan {
  readonly preload: string;
  /** Where it starts; it never leaves this origin. */
  readonly url: string;
}

/** Opens the window: sandboxed, isolated, and shown once there is something to see. */
export function openWindow({ preload, url }: WindowPlan): BrowserWindow {
  const window = new BrowserWindow({
    width: 1280,
    height: 800,
    minWidth: 980,
    minHeight: 600,
    show: false,
    title: 'Tessera',
    autoHideMenuBar: true,
    webPreferences: { preload, sandbox: true, contextIsolation: true, nodeIntegration: false },
  });
  window.once('ready-to-show', () => {
    window.show();
  });
  void window.loadURL(url);
  return window;
}

/** Closes every way out of the window's own origin, for all windows to come. To be called when the app is ready. */
export function lockDown(origin: string): void {
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => {
    decide(false);
  });
  session.defaultSession.setPermissionCheckHandler(() => false);
  app.on('web-contents-created', (_event, contents: WebContents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-navigate', (event, target) => {
      if (!target.startsWith(`${origin}/`)) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => {
      event.preventDefault();
    });
  });
}
