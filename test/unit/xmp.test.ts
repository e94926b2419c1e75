import { expect, it } from 'vitest';
import { uprightXmp } from '../../main/engine/xmp.ts';

const bound = 'xmlns:tiff="http://ns.adobe.com/tiff/1.0/"';

it.each([
  [`<rdf:Description ${bound} tiff:Orientation="6"/>`, '6', '1'],
  [`<rdf:Description ${bound}\n tiff:Orientation = ' 8 ' tiff:ImageWidth="8"/>`, ' 8 ', ' 1 '],
  [`<rdf:Description ${bound}><tiff:Orientation>3</tiff:Orientation></rdf:Description>`, '>3<', '>1<'],
  [`<rdf:Description ${bound}><tiff:Orientation>\n6\n</tiff:Orientation></rdf:Description>`, '\n6\n', '\n1\n'],
  [`<a xmlns:t='http://ns.adobe.com/tiff/1.0/' t:Orientation="6" tiff:Orientation="7"/>`, '"6"', '"1"'],
])('XMP of a photo that was turned upright says so and is otherwise as it was: %s', (xmp, before, after) => {
  expect(uprightXmp(xmp)).toBe(xmp.replace(before, after));
});

it.each([
  `<rdf:Description ${bound} tiff:Make="Orientation 6" crs:Orientation="6"/>`,
  '<rdf:Description tiff:Orientation="6"/>',
  `<rdf:Description ${bound} tiff:Orientation=""/>`,
  '',
])('XMP that says nothing of it stays as it is: %s', (xmp) => {
  expect(uprightXmp(xmp)).toBe(xmp);
});
