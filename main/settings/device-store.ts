/** Keeps what probing found in a file beside the settings, as tunings are kept. */
import { dirname, join } from 'node:path';
import type { Failure, Result } from '../engine/errors.ts';
import { deviceRecordsVersion, parseDeviceRecords, withNewRecord, type DeviceRecord } from './device-record.ts';
import { createRecordFile } from './record-file.ts';
import { settingsPath } from './store.ts';

/** The device records of one person, of all their machines that share the file. */
export interface DeviceStore {
  /** All records; none where the file is not there or cannot be understood. */
  load(): Promise<readonly DeviceRecord[]>;
  /** Adds a record in place of an earlier one for the same machine, network and precision. */
  remember(added: DeviceRecord): Promise<Result<void, Failure<'settings-unwritable'>>>;
}

/** Where the records belong. */
export function devicesPath(settings: string = settingsPath()): string {
  return join(dirname(settings), 'devices.json');
}

/** Opens the store; nothing is read or written yet. */
export function createDeviceStore(path: string = devicesPath()): DeviceStore {
  const file = createRecordFile<DeviceRecord>({
    path,
    parse: parseDeviceRecords,
    pack: (records) => ({ version: deviceRecordsVersion, records }),
    what: 'What was found about devices',
  });
  return {
    load: file.load,
    remember: (added) => file.change((records) => withNewRecord(records, added)),
  };
}
