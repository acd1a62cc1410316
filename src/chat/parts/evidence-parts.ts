import type { KnownBlock } from '@slack/types'
import type { Assessment } from '../../domain/assessment/assessment.ts'
import type { Measurement } from '../../domain/assessment/measurement.ts'
import { context, section } from './blocks.ts'
import { code, mrk, trusted, type Mrkdwn } from '../text/text.ts'
import { probeName } from '../text/words.ts'

/** What was measured: trouble first and in full, the rest shortly. */
export function measurementBlocks({ measurements }: Assessment): KnownBlock[] {
  const of = (verdict: Measurement['verdict']) =>
    measurements.filter((one) => one.verdict === verdict)
  const bad = of('degraded').map(measurementLine('🔴'))
  const unreached = of('unreachable').map(measurementLine('⚫'))
  const unclear = of('inconclusive').map(measurementLine('⚪'))
  const good = of('healthy').map(
    ({ probe, target, summary }) => mrk`${nameOf(probe, target)}: ${summary}`,
  )
  return [
    ...group('Bad', bad),
    ...group('Not reached', unreached),
    ...group('Not clear', unclear),
    ...queriesOf(measurements),
    ...(good.length > 0 ? [context(trusted('*Good*'), ...good)] : []),
  ]
}

function group(title: string, parts: readonly Mrkdwn[]): KnownBlock[] {
  return parts.length > 0 ? [section(trusted(`*${title}*`), ...parts)] : []
}

function measurementLine(sign: string) {
  return ({ probe, target, summary }: Measurement): Mrkdwn =>
    mrk`${trusted(sign)} ${nameOf(probe, target)}: ${summary}`
}

/** Exactly what was asked where the answer was bad, so that a person can ask it again. */
function queriesOf(measurements: readonly Measurement[]): KnownBlock[] {
  const troubled = measurements.filter(({ verdict }) => verdict === 'degraded')
  if (troubled.length === 0) return []
  const asked = troubled.map(
    ({ probe, target, query }) => mrk`${nameOf(probe, target)}: ${code(query)}`,
  )
  return [context(trusted('*How it was asked*'), ...asked)]
}

/** Only these are asked of one service at a time; elsewhere the target adds nothing. */
const PER_SERVICE: ReadonlySet<string> = new Set(['health-passing', 'version-known'])

/** What was looked at, in the words of a responder. */
export function nameOf(probe: string, target: string): string {
  const name = probeName(probe)
  return PER_SERVICE.has(probe) ? `${name}, ${target}` : name
}

const MATCH_WORDS = { true: 'yes', false: 'no', unknown: 'not known' } as const

/** Every rule with what it saw, for who wants to check the answer. */
export function everyRule({ rules, closestFlip, procedures }: Assessment): KnownBlock[] {
  const rows = rules.map(({ rule, matched, because }) => {
    // Why it is not known stands with the measurement, once.
    const words = matched === 'unknown' ? '' : `: ${because}`
    return mrk`${MATCH_WORDS[`${matched}`]} · ${rule}${words}`
  })
  const ways = procedures
    .filter(({ because }) => because !== 'not configured')
    .map(({ name, feasible, because, warnings }) => {
      const care = warnings.length > 0 ? ` Also: ${warnings.join('; ')}.` : ''
      return mrk`${name}: ${feasible ? 'possible' : 'not possible'}, ${because}.${care}`
    })
  const missing = procedures.filter(({ because }) => because === 'not configured')
  return [
    ...(closestFlip ? [context(mrk`*Closest to changing the answer:* ${closestFlip}`)] : []),
    context(
      trusted('*Ways back*'),
      ...ways,
      mrk`Not configured: ${missing.map(({ name }) => name).join(', ') || 'none'}`,
    ),
    context(trusted('*Every rule*'), ...rows),
  ]
}
