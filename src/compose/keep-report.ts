import type { Chart } from '../chat/report/contents.ts'
import { reportContents } from '../chat/report/incident-report.ts'
import { untilAborted } from '../domain/base/until-aborted.ts'
import type { JournaledEvent } from '../domain/incident/event.ts'
import type { Incident } from '../domain/incident/incident.ts'
import type { EvidenceFile, EvidenceFolder } from '../ports/evidence.ts'
import { noPicture } from './no-picture.ts'
import { pageWithPicture } from './page-with-picture.ts'
import type { Picture } from './picture-of.ts'
import { REPORT_PAGE, reportFiles } from './report-files.ts'

/** `null`: nothing tells numbers. Throws what keeps it from being drawn. */
type DrawPicture = (signal: AbortSignal) => Promise<Picture | null>

type Limits = {
  readonly maxBytes: number
  /** To draw the picture: nothing else waits longer for it. */
  readonly pictureMs: number
  readonly signal: AbortSignal
}

type KeptReport = {
  readonly files: readonly EvidenceFile[]
  /** Listed too, but no part of what makes a report whole: the report itself says why there is none. */
  readonly picture: EvidenceFile | null
}

const PICTURE = 'incident.png'

/** Keeps the report in an open folder, with a picture where one can be drawn. Never throws. */
export async function keepReport(
  folder: EvidenceFolder,
  { incident, events }: { readonly incident: Incident; readonly events: readonly JournaledEvent[] },
  draw: DrawPicture,
  limits: Limits,
): Promise<KeptReport> {
  const { maxBytes, signal } = limits
  const within = { maxBytes, signal }
  const drawn = await drawnIn(folder, draw, limits)
  const contents = reportContents(incident, { chart: drawn && chartOf(drawn) })
  const page = drawn?.kind === 'kept' ? pageWithPicture(contents, drawn, maxBytes) : null
  const files: EvidenceFile[] = []
  for (const { name, text } of reportFiles(contents, events)) {
    const kept =
      page && name === REPORT_PAGE
        ? folder.keepBytes(name, page, { kind: 'text/html', ...within })
        : folder.keep(name, text(), { ...within, alreadyRedacted: true })
    // oxlint-disable-next-line no-await-in-loop -- they share the room that there is
    files.push(await kept)
  }
  return { files, picture: drawn && listed(drawn) }
}

type Drawn =
  | {
      readonly kind: 'kept'
      readonly kept: EvidenceFile
      readonly file: string
      readonly png: Uint8Array
      readonly alt: string
    }
  | { readonly kind: 'none'; readonly because: string }

async function drawnIn(
  folder: EvidenceFolder,
  draw: DrawPicture,
  { maxBytes, pictureMs, signal }: Limits,
): Promise<Drawn | null> {
  const soon = AbortSignal.any([signal, AbortSignal.timeout(pictureMs)])
  try {
    const picture = await untilAborted(draw(soon), soon)
    if (!picture) return null
    const { png, alt } = picture
    const kept = await folder.keepBytes(PICTURE, png, { kind: 'image/png', maxBytes, signal })
    if (kept.skipped !== null) return { kind: 'none', because: `not kept, ${kept.skipped}` }
    return { kind: 'kept', kept, file: kept.name, png, alt }
  } catch (error) {
    return { kind: 'none', because: noPicture(error, soon) }
  }
}

function chartOf(drawn: Drawn): Chart {
  return drawn.kind === 'none' ? drawn : { kind: 'beside', file: drawn.file, alt: drawn.alt }
}

function listed(drawn: Drawn): EvidenceFile {
  if (drawn.kind === 'kept') return drawn.kept
  return { name: PICTURE, bytes: 0, sha256: null, skipped: drawn.because, kind: 'image/png' }
}
