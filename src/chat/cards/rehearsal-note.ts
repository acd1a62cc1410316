import { toMs } from '../../domain/base/instant.ts'
import type { View } from '../../domain/base/view.ts'
import type { RehearsalNews } from '../../domain/rehearsal/kept.ts'
import type { Rehearsal, Way } from '../../domain/rehearsal/rehearsal.ts'
import { inWords } from '../../domain/text/duration.ts'
import { context, section, view } from '../parts/blocks.ts'
import { COMMAND } from '../reading/commands.ts'
import { dayAndTime } from '../text/moments.ts'
import { code, counted, mrk, oneLine, trusted, type Mrkdwn } from '../text/text.ts'

/** That the way back should be taken for practice, or that it was: told once. */
export function rehearsalNote(
  { told }: Pick<RehearsalNews, 'told'>,
  { environment, nowMs }: { readonly environment: string; readonly nowMs: number },
): View {
  const where = oneLine(environment, 60)
  return told.kind === 'due'
    ? dueNote(told.last, { where, nowMs })
    : doneNote(told.rehearsal, { before: told.before, where })
}

const DAY_MS = 24 * 60 * 60_000

function dueNote(
  last: Rehearsal | null,
  { where, nowMs }: { readonly where: string; readonly nowMs: number },
): View {
  const since = last
    ? `Nobody has rehearsed the way back of ${where} for ${counted(Math.floor((nowMs - toMs(last.endedAt)) / DAY_MS), 'day')}`
    : `As far as Backout knows, nobody has ever rehearsed the way back of ${where}`
  return view(`${since}.`, [
    section(
      mrk`🎓 *${since}.*`,
      ...(last ? [mrk`The last time: ${dayAndTime(last.endedAt)}. ${bothWays(last)}`] : []),
    ),
    section(
      mrk`A rehearsal is a *real* rollback of ${where}, there and back, with two signatures each time:`,
      mrk`1. Type ${code(`${COMMAND} plan`)}; two people sign it.`,
      trusted('2. Once it is proved, press *Undo*; two people sign that too.'),
      trusted('3. Close the incident. Backout says how long it took.'),
    ),
    context(trusted('Not while somebody needs this environment. You are reminded once a week.')),
  ])
}

function doneNote(
  rehearsal: Rehearsal,
  { before, where }: { readonly before: Rehearsal | null; readonly where: string },
): View {
  const says = `The way back of ${where} was taken, there and back again`
  return view(`${says}. ${bothWays(rehearsal)}`, [
    section(
      mrk`🎓 *${says}.*`,
      wayLine('There', rehearsal.there, before?.there),
      wayLine('Back', rehearsal.back, before?.back),
    ),
    context(
      mrk`Incident ${oneLine(rehearsal.incident, 100)}, plans ${rehearsal.there.plan} and ${rehearsal.back.plan}.${before ? '' : ' The next time is compared with this one.'}`,
    ),
  ])
}

function wayLine(name: string, way: Way, before: Way | undefined): Mrkdwn {
  return mrk`${name}: signed after *${inWords(way.signedMs)}*${lastTime(before?.signedMs)}; carried out and proved in *${inWords(way.ranMs)}*${lastTime(before?.ranMs)}`
}

function bothWays({ there, back }: Rehearsal): string {
  return `There in ${inWords(there.signedMs + there.ranMs)}, back in ${inWords(back.signedMs + back.ranMs)}.`
}

function lastTime(ms: number | undefined): string {
  return ms === undefined ? '' : `, last time ${inWords(ms)}`
}
