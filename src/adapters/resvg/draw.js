// JavaScript, as it is a process of its own: what strips the types would cost it 20 ms and 19 MB.
// An SVG comes in, a PNG goes out; nothing else is read but our two fonts.
import { accessSync } from 'node:fs'
import { resolve } from 'node:path'
import { stdin, stdout } from 'node:process'
import { buffer } from 'node:stream/consumers'
import { Resvg } from '@resvg/resvg-js'

const font = {
  fontFiles: ['Regular', 'Bold'].map((weight) =>
    resolve(import.meta.dirname, `fonts/Inter-${weight}.ttf`),
  ),
  loadSystemFonts: false,
  defaultFontFamily: 'Inter',
}

// A font that is missing is no error to it: it would draw everything but the words.
for (const file of font.fontFiles) accessSync(file)

const svg = await buffer(stdin)
stdout.write(new Resvg(svg, { font }).render().asPng())
