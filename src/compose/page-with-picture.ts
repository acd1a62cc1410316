import type { ReportContents } from '../chat/report/contents.ts'
import { asPage } from '../chat/report/page.ts'

/** More would make a page that nobody can mail: the picture then only stands beside it. */
const MOST_PICTURE_BYTES = 400_000

/** The page of a report with its picture in it; `null`: together they are larger than such a page may be. */
export function pageWithPicture(
  contents: ReportContents,
  { file, png }: { readonly file: string; readonly png: Uint8Array },
  maxBytes: number,
): Uint8Array | null {
  if (png.length > MOST_PICTURE_BYTES) return null
  const page = asPage(contents, { [file]: Buffer.from(png).toString('base64') })
  const bytes = new TextEncoder().encode(page)
  return bytes.length > maxBytes ? null : bytes
}
