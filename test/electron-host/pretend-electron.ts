/**
 * Imported first (`node --import`), it makes a process look like one of Electron's: `process.versions.electron` is there.
 * The codec takes its WebAssembly build by that on Linux.
 */
Object.defineProperty(process, 'versions', { value: { ...process.versions, electron: 'stand-in' } });
