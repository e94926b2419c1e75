import { posix, relative, resolve, sep } from 'node:path';
import type { Rule } from 'eslint';
import { fencedPackages, roomOf, rooms } from './rooms.ts';

const root = resolve(import.meta.dirname, '../..');

/**
 * Why an import breaks the table, or undefined where it is allowed.
 *
 * @param file the importing file, from the root, with forward slashes
 * @param specifier what stands in the import
 */
export function violation(file: string, specifier: string): string | undefined {
  const from = roomOf(file);
  if (from === undefined) return undefined;
  const room = rooms[from]!;
  if (specifier.startsWith('.')) {
    const [path] = specifier.split('?');
    const target = posix.normalize(posix.join(posix.dirname(file), path ?? ''));
    const to = roomOf(target);
    if (to === undefined) return `${from} may not import ${target}, which is outside the table`;
    if (to === from || room.mayImport.includes(to)) return undefined;
    return `${from} may not import ${to} (${specifier})`;
  }
  if (specifier.startsWith('node:')) {
    return room.node === false ? `${from} is pure and may not import ${specifier}` : undefined;
  }
  const fenced = fencedPackages.find((name) => specifier === name || specifier.startsWith(`${name}/`));
  if (fenced !== undefined && !(room.packages ?? []).includes(fenced)) {
    return `${from} may not import the package ${fenced}`;
  }
  return undefined;
}

const importTable: Rule.RuleModule = {
  meta: { type: 'problem', schema: [], docs: { description: 'holds every import to the table in rooms.js' } },
  create(context) {
    const file = relative(root, resolve(context.filename)).split(sep).join('/');
    const check = (node: Rule.Node | null | undefined) => {
      if (node?.type !== 'Literal' || typeof node.value !== 'string') return;
      const message = violation(file, node.value);
      if (message !== undefined) context.report({ node, message });
    };
    return {
      ImportDeclaration: (node) => {
        check(node.source as Rule.Node | null);
      },
      ImportExpression: (node) => {
        check(node.source as Rule.Node | null);
      },
      ExportNamedDeclaration: (node) => {
        check(node.source as Rule.Node | null);
      },
      ExportAllDeclaration: (node) => {
        check(node.source as Rule.Node | null);
      },
    };
  },
};

export const architecture = { rules: { 'import-table': importTable } };
