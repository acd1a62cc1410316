import { chartOccasions } from '../../domain/chart/occasions.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { clockTime } from '../text/moments.ts'
import { clipped, mrk, type Mrkdwn } from '../text/text.ts'

/** Which picture is the newest in the thread, or why there is none; nothing while none is due. */
export function pictureLine(incident: Incident): readonly Mrkdwn[] {
  const files = incident.outbox.file
  const sent = chartOccasions(incident).findLast(({ key }) => {
    const now = files[key]?.kind
    return now !== undefined && now !== 'claimed'
  })
  const delivery = sent && files[sent.key]
  if (!delivery || delivery.kind === 'claimed') return []
  if (delivery.kind === 'delivered') {
    return [mrk`The picture of ${clockTime(sent.at)} is in this thread.`]
  }
  return [mrk`No picture of ${clockTime(sent.at)}: ${clipped(delivery.because, 200)}.`]
}
