import type { View } from '../../domain/base/view.ts'
import type { ReadinessNews } from '../../domain/readiness/news.ts'
import type { Lost, Regained } from '../../domain/readiness/standing.ts'
import { context, listed, section, view } from '../parts/blocks.ts'
import { wayInWords } from '../parts/readiness-lines.ts'
import { COMMAND } from '../reading/commands.ts'
import { dayAndTime } from '../text/moments.ts'
import { clipped, counted, lines, mrk, oneLine, trusted, type Mrkdwn } from '../text/text.ts'

/** Told once, when it happens: what could be gone back to, and cannot any more; and what can again. */
export function readinessNote(
  { lost, regained }: Pick<ReadinessNews, 'lost' | 'regained'>,
  environment: string,
): View {
  const where = oneLine(environment, 60)
  const first = lost[0]
    ? `${where}: ${lostInWords(lost[0])}`
    : `${where}: ${regained[0] ? regainedInWords(regained[0]) : 'nothing was lost'}`
  const all = lost.length + regained.length
  const more = all > 1 ? `, and ${counted(all - 1, 'more', 'more')}` : ''
  return view(`${first}${more}.`, [
    section(
      mrk`*${where}: ${lost.length > 0 ? 'a way back was lost' : 'a way back is there again'}*`,
    ),
    ...listed([...lost.map(lostLines), ...regained.map(regainedLine)], {
      apart: true,
      leftOut: (count) => `${counted(count, 'more change', 'more changes')} did not fit here.`,
    }),
    context(mrk`All ways back: ${COMMAND} readiness.`),
  ])
}

function lostInWords(one: Lost): string {
  const { version, instead } = one
  const what = wayInWords(one)
  return instead !== null && version !== null
    ? `${version} can no longer be reached (${what})`
    : `the way back is lost (${what}${version === null ? '' : `; it led to ${version}`})`
}

function lostLines(one: Lost): Mrkdwn {
  const { because, instead, readyAt } = one
  return lines([
    mrk`🔴 *${capital(lostInWords(one))}*`,
    mrk`${clipped(because, 600)}${because.endsWith('.') ? '' : '.'}`,
    ...(instead === null
      ? [trusted('There is no way back for it now.')]
      : [mrk`The way back leads elsewhere now: ${clipped(instead, 200)}.`]),
    ...(readyAt === null ? [] : [mrk`It was seen ready for the last time ${dayAndTime(readyAt)}.`]),
  ])
}

function regainedInWords(one: Regained): string {
  const { does } = one
  return `the way back is there again (${wayInWords(one)}${does === null ? '' : `): ${does}`}${does === null ? ')' : ''}`
}

function regainedLine(one: Regained): Mrkdwn {
  return mrk`🟢 ${clipped(capital(regainedInWords(one)), 400)}.`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
