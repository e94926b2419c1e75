import { describe, expect, it } from 'vitest';
import { defaultSettings, parseSettings } from '../../main/settings/schema.ts';
import { parseTemplate, templateFields } from '../../main/settings/template.ts';

function fault(value: unknown) {
  const parsed = parseSettings(value);
  if (parsed.ok) throw new Error('the settings were accepted');
  expect(parsed.error.code).toBe('settings-invalid');
  return parsed.error;
}

describe('the settings', () => {
  it('are complete from nothing', () => {
    expect(parseSettings({})).toEqual({ ok: true, value: defaultSettings });
    expect(parseSettings(defaultSettings)).toEqual({ ok: true, value: defaultSettings });
  });

  it.each([
    [{ quality: 0 }, 'quality', 'The quality is a whole number from 1 to 100.'],
    [{ quality: '90' }, 'quality', 'The quality is a whole number from 1 to 100.'],
    [{ workers: 0 }, 'workers', 'The number of workers is auto, or a whole number from 1 to 256.'],
    [{ device: 'tpu' }, 'device', 'The device is auto, cpu, webgpu, dml, coreml or cuda.'],
    [{ format: 'gif' }, 'format', 'The format is same, jpeg, png, webp, tiff or avif.'],
    [{ target: { kind: 'scale', factor: Infinity } }, 'target.factor', 'The scale is a number above 0'],
    [{ target: { kind: 'scale' } }, 'target.factor', 'The scale is a number above 0'],
    [{ target: { kind: 'width', widthPx: 2.5 } }, 'target.widthPx', 'The width is a whole number of pixels'],
    [{ target: { kind: 'width', widthPx: 2, factor: 4 } }, 'target', 'There is no setting "factor".'],
    [{ target: { kind: 'depth' } }, 'target.kind', 'The size is given by scale, width'],
    [{ version: 3 }, 'version', 'not known'],
    [{ colour: 'red' }, undefined, 'There is no setting "colour".'],
    [{ model: '../x' }, 'model', 'The model is a name'],
    [{ tilePx: 41, haloPx: 13 }, 'tilePx', 'Use a tile of 42 or more.'],
    [{ nameTemplate: '{name}' }, 'nameTemplate', 'The name must end in .{ext}'],
    [null, undefined, 'The settings are an object'],
  ])('refuse %j in a sentence', (value, setting, sentence) => {
    const error = fault(value);
    expect(error.message).toContain(sentence);
    expect(error.details?.['setting']).toBe(setting);
  });

  it('name every fault, each once', () => {
    const { message } = fault({ quality: 0, format: 'gif', colour: 1 });
    expect(message.match(/The quality/g)).toHaveLength(1);
    expect(message).toContain('The format');
    expect(message).toContain('"colour"');
  });
});

describe('a name template', () => {
  it('comes apart into texts and fields in order', () => {
    expect(parseTemplate('a-{name}{scale}.{ext}')).toEqual({
      ok: true,
      value: [
        { kind: 'text', text: 'a-' },
        { kind: 'field', field: 'name' },
        { kind: 'field', field: 'scale' },
        { kind: 'text', text: '.' },
        { kind: 'field', field: 'ext' },
      ],
    });
  });

  it('may use every field that it says it knows', () => {
    const every = Object.keys(templateFields).filter((field) => field !== 'ext');
    expect(parseTemplate(`${every.map((field) => `{${field}}`).join('')}.{ext}`)).toMatchObject({ ok: true });
  });

  it.each([
    ['{name}-{foo}.{ext}', '{foo} is not known'],
    ['{toString}.{ext}', '{toString} is not known'],
    ['{name.{ext}', 'brace'],
    ['name}.{ext}', 'brace'],
    ['{name}.jpg', 'must end in .{ext}'],
    ['{name}{ext}', 'must end in .{ext}'],
    ['photo.{ext}', 'Without {name} or {index}'],
    ['', 'Without {name} or {index}'],
    ['sub/{name}.{ext}', 'cannot hold "/"'],
    ['..\\{name}.{ext}', 'cannot hold "\\\\"'],
    ['{name}:1.{ext}', 'cannot hold ":"'],
    ['{name}\u0000.{ext}', 'cannot hold "\\u0000"'],
  ])('refuses %j and says what is wrong', (template, reason) => {
    const parsed = parseTemplate(template);
    expect(parsed).toMatchObject({ ok: false, error: { code: 'template-invalid' } });
    expect(parsed.ok ? '' : parsed.error.message).toContain(reason);
  });
});
