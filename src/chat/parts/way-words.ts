import type { Via } from '../../domain/base/via.ts'
import { shortTime } from '../text/moments.ts'
import { mrk, trusted, type Mrkdwn } from '../text/text.ts'

const WHERE: Record<Via, string> = {
  page: 'on Backout’s page',
  'command-line': 'on the command line',
}

type Way = { readonly via?: Via | undefined; readonly rightsAsOf?: string | undefined }

/** "on Backout’s page, with rights as of 02:10 UTC"; `null`: in Slack, with rights as they were then. */
function wayInWords({ via, rightsAsOf }: Way): Mrkdwn | null {
  if (!via) return null
  const where = trusted(WHERE[via])
  return rightsAsOf ? mrk`${where}, with rights as of ${shortTime(rightsAsOf)}` : where
}

/** The same behind who has signed, and nothing for Slack. */
export function wayAfter(way: Way): Mrkdwn {
  const words = wayInWords(way)
  return words ? mrk`, ${words}` : trusted('')
}
