import { setImmediate } from 'node:timers/promises'
import type { ReportContents } from '../chat/report/contents.ts'
import { asPage } from '../chat/report/page.ts'
import { redactedLines, slicesOf } from '../domain/text/redacted-lines.ts'

/** More would make a page that nobody can mail: the picture then only stands beside it. */
const MOST_PICTURE_BYTES = 400_000

/** Stands for the picture until every word is redacted: base64 looks like a credential. */
const PLACE = 'PICTURE'

/**
 * The page of a report with its picture in it, redacted in each of its words; `null`: together they are larger
 * than such a page may be.
 */
export async function pageWithPicture(
  contents: ReportContents,
  { file, png }: { readonly file: string; readonly png: Uint8Array },
  maxBytes: number,
): Promise<Uint8Array | null> {
  if (png.length > MOST_PICTURE_BYTES) return null
  const lines = redactedLines()
  let page = ''
  for (const slice of slicesOf(asPage(contents, { [file]: PLACE }))) {
    page += lines.push(slice)
    // Looking for secrets takes the time of everybody else.
    await setImmediate()
  }
  page += lines.end()
  const [before, after, ...more] = page.split(`base64,${PLACE}"`)
  // No word of anybody has a quote in it: there is one such place, or the page was cut.
  if (before === undefined || after === undefined || more.length > 0 || lines.cuts() > 0)
    return null
  const base64 = Buffer.from(png).toString('base64')
  const bytes = new TextEncoder().encode(`${before}base64,${base64}"${after}`)
  return bytes.length > maxBytes ? null : bytes
}
