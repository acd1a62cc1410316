import type { Assessment } from '../../domain/assessment/assessment.ts'
import {
  cameSoon,
  precedingChanges,
  soonAfter,
  type Preceding,
} from '../../domain/assessment/cause.ts'
import type { Onset, Trouble } from '../../domain/assessment/onset.ts'
import { toIso, toMs } from '../../domain/base/instant.ts'
import { inDigits } from '../../domain/text/amounts.ts'
import { inRoundWords, inWords } from '../../domain/text/duration.ts'
import { utcTime } from '../../domain/text/utc.ts'
import { shortTime } from '../text/moments.ts'
import { ownVersion } from '../../domain/workload/versions.ts'
import { clipped, mrk, oneLine, trusted, type Mrkdwn } from '../text/text.ts'

const TROUBLE_WORDS: Record<Trouble, string> = {
  errors: 'Errors',
  logins: 'Failed logins',
  latency: 'Slow answers',
  'client-errors': 'Refused requests',
  traffic: 'Missing requests',
}

/** More would push the buttons off the first screen. */
const SHOWN = 3

/** Since when, after what, which version, and what speaks against a rollback: right below the decision. */
export function causeLines(assessment: Assessment): readonly Mrkdwn[] {
  return [
    ...onsetLine(assessment),
    ...versionsLine(assessment),
    ...newRoutesLine(assessment),
    ...againstLines(assessment),
  ]
}

function onsetLine(assessment: Assessment): readonly Mrkdwn[] {
  const { onset } = assessment
  if (!onset) return []
  const what = oneLine(troubleInWords(onset), 100)
  if (onset.after === null) {
    return [mrk`*${what} are older* than ${shortTime(onset.by)}, as far back as there are numbers.`]
  }
  return [
    mrk`*${what} began* ${shortTime(middleOf(onset))}, ±${halfOf(onset)} min${clipped(after(assessment, onset), 300)}.`,
  ]
}

/** "Errors", "Errors of frontend" */
function troubleInWords({ of, service }: Onset): string {
  return service === undefined ? TROUBLE_WORDS[of] : `${TROUBLE_WORDS[of]} of ${service}`
}

/** ", 2 minutes after backend v2.0.0 and 4 minutes after backend was scaled to 2" */
function after(assessment: Assessment, onset: Onset): string {
  const told = precedingIn(assessment).map(
    (one) => `${soonAfter(one, onset, inRoundWords)} ${oneLine(one.name, 100)}`,
  )
  return told.length === 0 ? '' : `, ${told.join(' and ')}`
}

/** What came long before is said where nothing else is. */
function precedingIn({ onset, preceding, changes }: Assessment): readonly Preceding[] {
  if (!onset) return []
  const newest = changes ?? []
  const all = preceding ?? precedingChanges(onset, { newest, earlier: [], others: [] })
  const [first, ...others] = all
  return first ? [first, ...others.filter(cameSoon)] : []
}

function middleOf({ after: from, by }: Onset): string {
  return from === null ? by : toIso((toMs(from) + toMs(by)) / 2)
}

function halfOf({ after: from, by }: Onset): number {
  return from === null ? 0 : Math.max(1, Math.ceil((toMs(by) - toMs(from)) / 120_000))
}

/** The same minutes, so that nothing else differs; else the version that runs, and the hour before it came. */
function versionsLine(assessment: Assessment): readonly Mrkdwn[] {
  const { versions = [] } = assessment
  if (versions.length < 2)
    return sinceDeploy(assessment).map(({ title, says }) => mrk`*${title}* ${says}.`)
  const shown = versions.slice(0, SHOWN).map(({ name, failed, requests }) => {
    return mrk`${clipped(name, 60)} ${percent(failed, requests)} of ${inDigits(requests)}`.mrkdwn
  })
  return [mrk`*Failed in the same 5 minutes:* ${trusted(shown.join('; '))} requests.`]
}

/** Where no other version answers beside it, only its own time before tells of a number that is bad now. */
function sinceDeploy({ measurements, changes }: Assessment) {
  const errors = measurements.find(({ probe }) => probe === 'error-ratio-low')
  const { counts, baselines = [], windows = [] } = errors?.detail ?? {}
  const before = baselines.find(({ of }) => of === 'before-deploy')
  const seconds = windows.find(({ whole }) => whole === counts?.whole)?.seconds
  if (errors?.verdict !== 'degraded' || !counts || !before || seconds === undefined) return []
  const [newest] = changes ?? []
  const now = newest ? `with ${oneLine(ownVersion(newest), 60)}, ` : ''
  const then = `${round(before.value)} % of ${inDigits(before.events ?? 0)} in the hour before the deploy`
  const says = `${now}${percent(counts.part, counts.whole)} of ${inDigits(Math.round(counts.whole))} requests in ${inWords(1_000 * seconds)}, ${then}`
  return [{ title: 'Failed', says }]
}

function newRoutesLine({ newRoutes }: Assessment): readonly Mrkdwn[] {
  const says = newRoutesInWords(newRoutes)
  return says === null ? [] : [mrk`*New since the deploy:* ${clipped(says, 400)}.`]
}

/** "500 at /api/documents (1,830), 404 at /api/files (120), and 4 more" */
function newRoutesInWords(newRoutes: Assessment['newRoutes']): string | null {
  if (!newRoutes || newRoutes.named.length === 0) return null
  const { named, more } = newRoutes
  const shown = named.map(({ route, status, requests }) => {
    const where = route === '' ? '' : ` at ${oneLine(route, 60)}`
    return `${oneLine(status, 20)}${where} (${inDigits(requests)})`
  })
  return `${shown.join(', ')}${more > 0 ? `, and ${more} more` : ''}`
}

function percent(part: number, whole: number): string {
  const share = whole === 0 ? 0 : (100 * part) / whole
  return `${round(share)} %`
}

function round(percentage: number): number {
  return Number(percentage.toFixed(1))
}

function againstLines({ against = [], decision, rules, reasons }: Assessment): readonly Mrkdwn[] {
  if (against.length === 0) return []
  const deciding = rules.find(({ rule }) => rule === reasons[0])
  const isLeftToPeople = decision === 'person-decides' && deciding?.decision === 'roll-back'
  const title =
    isLeftToPeople && deciding.matched === true
      ? '*The rule says roll back. A person decides, because this speaks against it:*'
      : '*Against a rollback:*'
  const rest = against.length - SHOWN
  return [
    trusted(title),
    ...against.slice(0, SHOWN).map(({ says }) => mrk`• ${clipped(says, 240)}`),
    ...(rest > 0 ? [mrk`• ${rest} more under _Details_`] : []),
  ]
}

/** The same for a terminal. */
export function causeInWords(assessment: Assessment): readonly string[] {
  const { onset, against = [], versions = [] } = assessment
  const isNew = newRoutesInWords(assessment.newRoutes)
  const began = (one: Onset) =>
    one.after === null
      ? `${troubleInWords(one)} are older than ${utcTime(one.by)}, as far back as there are numbers`
      : `${troubleInWords(one)} began ${utcTime(middleOf(one))}, ±${halfOf(one)} min${after(assessment, one)}`
  const shown = versions.map(({ name, failed, requests }) => {
    return `${name} ${percent(failed, requests)} of ${requests}`
  })
  return [
    ...(onset ? [began(onset)] : []),
    ...(shown.length > 1
      ? [`Failed in the same 5 minutes: ${shown.join('; ')} requests`]
      : sinceDeploy(assessment).map(({ title, says }) => `${title} ${says}`)),
    ...(isNew === null ? [] : [`New since the deploy: ${isNew}`]),
    ...against.map(({ says }) => `Against a rollback: ${says}`),
  ]
}
