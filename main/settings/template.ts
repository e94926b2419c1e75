import type { Result } from '../engine/errors.ts';
import { failure, success } from '../engine/errors.ts';

/** What a name template may hold between braces, with what each stands for. */
export const templateFields = {
  name: "the photo's name without its extension",
  ext: "the result's extension, without the dot",
  scale: 'how many times larger, such as 4 or 2.5',
  width: "the result's width in pixels",
  height: "the result's height in pixels",
  model: "the model's id",
  index: "the photo's place in the batch, from 1, with leading zeros",
  parent: 'the folder that holds the photo',
} as const;

export type TemplateField = keyof typeof templateFields;

/** A template taken apart: literal text and fields, in order. */
export type TemplatePart =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'field'; readonly field: TemplateField };

const tokens = /\{([^{}]*)\}|([^{}]+)|([{}])/g;
// Characters that Windows refuses in a name; a template that works on one system should work on all.
const forbidden = /[<>:"/\\|?*\p{Cc}]/u;

/**
 * Takes a name template such as `{name}-x{scale}.{ext}` apart.
 *
 * @returns its parts in order, or a `template-invalid` failure that says what to write instead
 */
export function parseTemplate(template: string): Result<readonly TemplatePart[]> {
  const parts: TemplatePart[] = [];
  for (const [, field, text] of template.matchAll(tokens)) {
    if (text !== undefined) parts.push({ kind: 'text', text });
    else if (field === undefined) return invalid('A brace is never closed or never opened: fields look like {name}.');
    else if (isField(field)) parts.push({ kind: 'field', field });
    else return invalid(`{${field}} is not known. Use ${fieldList()}.`);
  }
  const fault = faultOf(parts);
  return fault === undefined ? success(parts) : invalid(fault);
}

function faultOf(parts: readonly TemplatePart[]): string | undefined {
  const uses = (field: TemplateField): boolean => parts.some((part) => part.kind === 'field' && part.field === field);
  for (const part of parts) {
    const found = part.kind === 'text' ? forbidden.exec(part.text) : null;
    if (found === null) continue;
    const what = JSON.stringify(found[0]);
    return `A name cannot hold ${what}. The folder is chosen apart from the name, and subfolders are kept by themselves.`;
  }
  if (!uses('name') && !uses('index'))
    return 'Without {name} or {index}, all photos would have the same name. Add one.';
  const last = parts.at(-1);
  const before = parts.at(-2);
  const endsWithExtension =
    last?.kind === 'field' && last.field === 'ext' && before?.kind === 'text' && before.text.endsWith('.');
  return endsWithExtension ? undefined : 'The name must end in .{ext}, so that it tells the kind of picture.';
}

function isField(text: string): text is TemplateField {
  return Object.hasOwn(templateFields, text);
}

function fieldList(): string {
  const names = Object.keys(templateFields).map((field) => `{${field}}`);
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;
}

function invalid(message: string): Result<never> {
  return failure('template-invalid', message);
}
