import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import * as standIn from '../electron-host/electron.ts';

const source = ts.createSourceFile(
  'electron.d.ts',
  readFileSync(createRequire(import.meta.url).resolve('electron/electron.d.ts'), 'utf8'),
  ts.ScriptTarget.Latest,
);

/** Members of every class and interface of Electron's own types, inherited ones included. */
const members = new Map<string, Set<string>>();
const parents = new Map<string, string[]>();
function collect(node: ts.Node): void {
  if ((ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) && node.name !== undefined) {
    const known = members.get(node.name.text) ?? new Set();
    for (const member of node.members) {
      if (member.name !== undefined && ts.isIdentifier(member.name)) known.add(member.name.text);
    }
    members.set(node.name.text, known);
    const bases = (node.heritageClauses ?? []).flatMap(({ types }) =>
      types.map(({ expression }) => expression.getText(source)),
    );
    parents.set(
      node.name.text,
      bases.map((base) => base.replace(/^.*\./, '')),
    );
  }
  ts.forEachChild(node, collect);
}
collect(source);

function has(type: string, member: string): boolean {
  return members.get(type)?.has(member) === true || (parents.get(type) ?? []).some((base) => has(base, member));
}

/** Which of Electron's types each export stands for. */
const stands: Readonly<Record<string, { readonly type: string; readonly value: object }>> = {
  app: { type: 'App', value: standIn.app },
  protocol: { type: 'Protocol', value: standIn.protocol },
  net: { type: 'Net', value: standIn.net },
  'session.defaultSession': { type: 'Session', value: standIn.session.defaultSession },
  ipcMain: { type: 'IpcMain', value: standIn.ipcMain },
  utilityProcess: { type: 'UtilityProcess', value: standIn.utilityProcess },
  BrowserWindow: { type: 'BrowserWindow', value: standIn.BrowserWindow.prototype },
  dialog: { type: 'Dialog', value: standIn.dialog },
  clipboard: { type: 'Clipboard', value: standIn.clipboard },
  shell: { type: 'Shell', value: standIn.shell },
  nativeTheme: { type: 'NativeTheme', value: standIn.nativeTheme },
  powerSaveBlocker: { type: 'PowerSaveBlocker', value: standIn.powerSaveBlocker },
  Notification: { type: 'Notification', value: standIn.Notification.prototype },
};

/** An object's own members and its class's, but not what every event emitter has, nor what is for tests. */
function ownMembers(value: object): string[] {
  const prototype = Object.getPrototypeOf(value) as object | null;
  const ofClass =
    prototype !== null &&
    prototype !== Object.prototype &&
    'on' in prototype &&
    !('on' in Object.getOwnPropertyDescriptors(prototype))
      ? Object.getOwnPropertyNames(prototype)
      : [];
  return [...Object.getOwnPropertyNames(value), ...ofClass].filter(
    (name) => !name.startsWith('_') && !['constructor', 'domain'].includes(name),
  );
}

describe('the stand-in for Electron', () => {
  it.each(Object.entries(stands))('has in %s only what Electron has', (_name, { type, value }) => {
    const names = ownMembers(value);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !has(type, name))).toEqual([]);
  });

  it('refuses by name what it does not have', () => {
    const app = standIn.app as unknown as { setBadgeCount: (count: number) => void };
    expect(() => {
      app.setBadgeCount(1);
    }).toThrow('does not implement app.setBadgeCount');
  });
});
