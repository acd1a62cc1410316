import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { unrendered } from '../../../src/domain/text/unrendered.ts'

/** What renderers of HTML, CommonMark, GFM and templates make something of. */
const MARKUP: readonly (readonly [what: string, shape: RegExp])[] = [
  ['a tag, a comment or an autolink', /<\S/],
  ['an entity', /&[#\w]/],
  ['a link or an image', /\]\(|\]\[|\[/],
  ['an address', /:\/\//],
  ['an address without a scheme', /\bwww\./i],
  ['a mention or an e-mail address', /@\w/],
  ['emphasis, code or strike', /[*_~`]/],
  ['a template', /\{[{%]|%\}/],
  ['a heading, a list, a quote or a fence', /^[ \t]*(#|[-+=]|\d+[.)]|>)/m],
  ['an indented block', /^(?: {4}|\t)/m],
  ['a table', /\|/],
  ['an emoji name', /:[a-z_]+:/],
  ['a line break of another kind', /\r|\u2028|\u2029/],
]

const PIECES =
  '<b>|&lt;|[a](b)|https://x.y|www.x.y|@here|a@b.c|**x**|```|{{ x }}|{% x %}|\n# x|\n- x|\n1. x|\n---|\n    x|:tada:|\r\n|\u2028|\\\n|<!channel>|\n===|\n> x|\t'
    .split('|')
    .concat('|', '<https://x|y>')

const typed = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 4 })))
    .map((parts) => parts.join('')),
)

describe('text for a page that may render anything', () => {
  test('has nothing in it that is rendered', () => {
    fc.assert(
      fc.property(typed, (text) => {
        const shown = unrendered(text)
        for (const [what, shape] of MARKUP) {
          expect({ what, found: shape.exec(shown)?.[0] }).toEqual({ what, found: undefined })
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('reads to a person as it was typed', () => {
    const text = 'Duration: 12 minutes. 5xx at 62.3 %, since 03:12 UTC (we’re sorry)!\nTwo lines.'
    expect(unrendered(text)).toBe(text)
    expect(unrendered('a\r\nb').split('\n')).toEqual(['a', 'b'])
  })

  test('stays as it is when it is done twice', () => {
    fc.assert(
      fc.property(typed, (text) => {
        expect(unrendered(unrendered(text))).toBe(unrendered(text))
      }),
    )
  })
})
