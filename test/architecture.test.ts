import { existsSync, globSync, readFileSync } from 'node:fs';
import { ESLint } from 'eslint';
import ts from 'typescript';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';
import { architecture, violation } from './architecture/import-table.ts';
import { roomOf, rooms } from './architecture/rooms.ts';

const files = globSync('{main,preload,renderer,models}/**/*.{ts,js,svelte}').map((file) => file.replaceAll('\\', '/'));

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const scripts = file.endsWith('.svelte')
    ? [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1] ?? '')
    : [text];
  return scripts.flatMap((script) =>
    ts.preProcessFile(script, true, true).importedFiles.map((imported) => imported.fileName),
  );
}

describe('the import table', () => {
  it('holds in every file of the house', () => {
    expect(files.length).toBeGreaterThan(1);
    const broken = files.flatMap((file) =>
      importsOf(file).flatMap((specifier) => {
        const message = violation(file, specifier);
        return message === undefined ? [] : [`${file}: ${message}`];
      }),
    );
    expect(broken).toEqual([]);
  });

  it('gives every source file a room', () => {
    expect(files.filter((file) => roomOf(file) === undefined)).toEqual([]);
  });

  it('names only rooms that exist', () => {
    const unknown = Object.values(rooms).flatMap((room) => room.mayImport.filter((name) => !(name in rooms)));
    expect(unknown).toEqual([]);
    expect(Object.values(rooms).filter(({ path }) => !existsSync(path))).toEqual([]);
  });

  it.each([
    ['main/engine/plan.ts', 'node:fs'],
    ['main/engine/plan.ts', 'sharp'],
    ['main/engine/plan.ts', '../worker/protocol.ts'],
    ['main/jobs/queue.ts', 'electron'],
    ['main/cli.ts', './window.ts'],
    ['renderer/main.ts', '../main/engine/plan.ts'],
    ['preload/contract/dto.ts', '../../main/engine/errors.ts'],
    ['models/catalog.ts', '../main/engine/errors.ts'],
  ])('is a lint error where %s imports %s', async (file, specifier) => {
    const eslint = new ESLint({
      overrideConfigFile: true,
      // The import table alone, without type information, which this snippet does not have.
      overrideConfig: {
        files: ['**/*.ts'],
        languageOptions: { parser: tseslint.parser },
        plugins: { architecture },
        rules: { 'architecture/import-table': 'error' },
      },
    });
    const [result] = await eslint.lintText(`import '${specifier}';\n`, { filePath: file });
    expect(result?.messages.map((message) => message.ruleId)).toEqual(['architecture/import-table']);
  });
});
