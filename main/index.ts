/** The desktop app's composition root: wires the parts, and disposes of them in reverse. */
import { rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { app, dialog, nativeTheme, type BrowserWindow } from 'electron';
import { knownModels } from '../models/known.ts';
import { Batch } from './desktop/batch.ts';
import { Companion } from './desktop/companion.ts';
import { DiagnosticsDesk } from './desktop/diagnostics.ts';
import { Doorway } from './desktop/doorway.ts';
import { toContractError } from './desktop/job-view.ts';
import { ListJournal } from './desktop/list-journal.ts';
import { MachineBook } from './desktop/machine-book.ts';
import { MachineWork } from './desktop/machine-work.ts';
import { RunnerShelf } from './desktop/runner-shelf.ts';
import { Runner } from './desktop/runner.ts';
import { SettingsBook } from './desktop/settings-book.ts';
import { Spots } from './desktop/spot.ts';
import type { Notice, Settings } from '../preload/contract/dto.ts';
import type { Failure } from './engine/errors.ts';
import { createDispatch } from './ipc/dispatch.ts';
import { createHandlers } from './ipc/handlers.ts';
import { Publisher } from './ipc/publish.ts';
import { registerInvokes } from './ipc/register.ts';
import { poolSizeOf } from './jobs/batch.ts';
import { readMachine, readTuningMachine } from './jobs/machine.ts';
import { makeScratchFolder, scratchBase } from './jobs/scratch.ts';
import { utilityProcessTransport } from './pool/utility-process-transport.ts';
import type { PoolSize } from './pool/sizing.ts';
import { PictureBook } from './previews/picture-book.ts';
import { startPreviewProcess } from './previews/preview-process.ts';
import { Previewer } from './previews/previewer.ts';
import { appOrigin, declareScheme, serveApp } from './previews/protocol.ts';
import { createDeviceStore } from './settings/device-store.ts';
import { importedModelsFolder } from './settings/models-folder.ts';
import { createSettingsStore, settingsPath } from './settings/store.ts';
import { createTuningStore } from './settings/tuning-store.ts';
import { lockDown, openWindow } from './window.ts';

const here = import.meta.dirname;
const devServer = app.isPackaged ? undefined : process.env['ELECTRON_RENDERER_URL'];
const weightsFolder = app.isPackaged
  ? join(process.resourcesPath, 'models', 'weights')
  : join(app.getAppPath(), 'models', 'weights');
const sample = app.isPackaged
  ? join(process.resourcesPath, 'samples', 'friends.jpg')
  : join(app.getAppPath(), 'resources', 'samples', 'friends.jpg');
const machine = readMachine();
const doorway = new Doorway();

declareScheme();
// Not awaited: Electron is ready only once this module has been evaluated to its end.
if (app.requestSingleInstanceLock()) void main().catch(giveUp);
else app.quit();

/** What keeps the app from opening is said, for there is no window that could. */
function giveUp(error: unknown): void {
  console.error(error);
  const reason = error instanceof Error ? error.message : String(error);
  dialog.showErrorBox('Tessera cannot start', `${reason}\n\nFree some disk space if it is short, and start it again.`);
  app.exit(1);
}

async function main(): Promise<void> {
  await app.whenReady();
  lockDown(appOrigin);
  const settings = new SettingsBook(
    createSettingsStore({ path: settingsPath() }),
    join(app.getPath('userData'), 'window.json'),
  );
  const loadNotice = await settings.load();
  const pictures = await makeScratchFolder(await scratchBase());
  const previewer = new Previewer(() => startPreviewProcess(join(here, 'previewer.js')));
  const make = previewer.make.bind(previewer);
  const book = new PictureBook(pictures, make);
  // What is to be said before there is a page to hear it.
  const early: Notice[] = [];
  let tell = (notice: Notice): void => void early.push(notice);
  const tellNotice = (notice: Failure): void => {
    tell({ tone: 'warning', ...toContractError(notice) });
  };
  if (loadNotice !== undefined) tellNotice(loadNotice);

  const journal = await ListJournal.open(join(app.getPath('userData'), 'list.jsonl'), tellNotice);
  const importedFolder = importedModelsFolder();
  const models = knownModels(importedFolder);
  const tuningMachine = readTuningMachine(machine);
  const machineBook = new MachineBook({
    tunings: createTuningStore(),
    devices: createDeviceStore(),
    machine: tuningMachine,
    models,
  });
  await machineBook.load();
  const resolved = (): Settings => machineBook.resolve(settings.current).settings;
  const wantedSize = (): PoolSize => poolSizeOf(resolved(), machine);
  let window: BrowserWindow | undefined;
  const companion = new Companion(() => window);
  const batch: Batch = new Batch({
    settings: resolved,
    models,
    book,
    wantedSize,
    openRunner: () => runners.fitting(),
    onDirty: () => {
      publisher.queueChanged();
    },
    onRun: (run) => {
      companion.runChanged(run);
    },
    watch: journal,
    onEnd: (counts) => {
      if (settings.current.notifyWhenDone) companion.batchEnded(counts);
    },
  });
  const start = utilityProcessTransport(join(here, 'worker.js'));
  const runners: RunnerShelf = new RunnerShelf(wantedSize, async (size) =>
    Runner.open({
      size,
      start,
      scratchBase: await scratchBase(),
      weightsFolder,
      importedFolder,
      resolve: batch.resolve,
      onJob: batch.run.onJob,
      onNotice: tellNotice,
    }),
  );
  const publisher = new Publisher({
    queue: () => {
      const delta = batch.collect();
      if (delta !== null) companion.progress(delta.totals.fraction);
      return delta;
    },
    machine: () => machineWork.state(),
  });
  const onSettings = (): void => {
    nativeTheme.themeSource = settings.current.theme;
    batch.settingsChanged();
    publisher.send('settings:changed', settings.current);
    publisher.machineChanged();
  };
  const machineWork: MachineWork = new MachineWork({
    book: machineBook,
    settings: () => settings.current,
    models,
    machine,
    start,
    folders: { weightsFolder, importedFolder },
    sample,
    batchRuns: () => batch.run.kind !== 'idle',
    offered: async () => {
      const { source } = await batch.run.workers();
      const listed = await source.run<'devices'>({ kind: 'devices' }, 'now');
      return listed.ok ? listed.value.providers : [];
    },
    onChange: () => {
      publisher.machineChanged();
    },
    onFound: onSettings,
  });
  const machineInfo = { platform: process.platform, processor: cpus()[0]?.model ?? 'this computer', ...machine };
  const spots = new Spots({ models, workers: () => batch.run.workers(), book, make });
  const version = app.getVersion();
  const diagnostics = new DiagnosticsDesk({
    version,
    runtime: tuningMachine.runtime,
    machine,
    times: () => batch.run.times(),
    tracedCount: () => batch.run.diary.tracedCount,
    traced: () => batch.run.diary.traced(),
    codecVersions: async () => (await batch.run.workers()).source.run<'versions'>({ kind: 'versions' }, 'now'),
  });
  const found = { machine, machineInfo, models, machineBook, machineWork, diagnostics };
  const parts = { version, ...found, batch, settings, book, spots, onSettings };
  const dispatch = createDispatch(createHandlers(parts), (name, error) => {
    console.error(`The answer to ${name} failed.`, error);
  });
  const stopAnswering = registerInvokes(dispatch, appOrigin);
  serveApp(join(here, '..', 'renderer'), book, devServer);

  nativeTheme.themeSource = settings.current.theme;
  window = openWindow({
    preload: join(here, '..', 'preload', 'index.cjs'),
    url: `${appOrigin}/index.html`,
  });
  publisher.attach(window.webContents);
  companion.guard(window);
  window.on('closed', () => {
    window = undefined;
  });
  window.webContents.once('did-finish-load', () => {
    tell = (notice) => {
      publisher.send('notice', notice);
    };
    for (const notice of early) tell(notice);
  });

  const restored = batch.restore(journal.left);
  if (restored > 0) tell({ tone: 'info', code: 'list-restored', message: restoredSentence(restored) });
  doorway.letIn({
    add: (paths) => {
      batch.add(paths).catch((error: unknown) => {
        console.error('What was opened with the app could not be added.', error);
      });
    },
    showWindow: () => {
      companion.showWindow();
    },
  });
  app.on('window-all-closed', () => {
    app.quit();
  });

  let disposed = false;
  app.on('will-quit', (event) => {
    if (disposed) return;
    event.preventDefault();
    disposed = true;
    void (async () => {
      stopAnswering();
      publisher[Symbol.dispose]();
      companion[Symbol.dispose]();
      spots[Symbol.dispose]();
      doorway[Symbol.dispose]();
      await machineWork[Symbol.asyncDispose]();
      // Before the workers, since what ends with them is to be begun anew next time.
      await journal[Symbol.asyncDispose]();
      await runners[Symbol.asyncDispose]();
      previewer[Symbol.dispose]();
      // The process that had files open there may take a moment to end.
      await rm(pictures, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    })()
      .catch((error: unknown) => {
        console.error(error);
      })
      // Whatever went wrong, a process without a window would keep the next start away.
      .finally(() => {
        app.exit(0);
      });
  });
}

function restoredSentence(count: number): string {
  const photos = count === 1 ? 'A photo that is not done is' : `${count} photos that are not done are`;
  return `${photos} in the list again from last time.`;
}
