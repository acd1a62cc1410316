import type { Assessment } from '../../domain/assessment/assessment.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { toMs } from '../../domain/base/instant.ts'
import type { RuleOutcome } from '../../domain/assessment/rule.ts'
import { mayHaveWritten } from '../../domain/plan/run.ts'
import { clipped, mrk, trusted, type Mrkdwn } from '../text/text.ts'
import { DECISION_WORDS, RULE_WORDS, SEVERITY_WORDS, VERDICT_SENTENCES } from '../text/words.ts'

/** The answer in one clause: "Roll back: 5xx 62.0 %, rule above 50 %". */
export function answerInWords(assessment: Assessment): string {
  const decision = DECISION_WORDS[assessment.decision]
  const [first] = ranked(assessment)
  if (!first) return `${decision}: nothing measured calls for it`
  if (first.matched === true) return `${decision}: ${first.because}`
  const [blindest] = blindSpots(assessment)
  return `${decision}: ${blindest?.what.join(', ') ?? 'something'} not known`
}

/** The plan that has changed production since it was measured; `null`: the numbers still stand. */
export function outdatedBy({ assessment, plans }: Incident): number | null {
  if (!assessment) return null
  const since = plans.findLast(({ run }) => {
    return run && mayHaveWritten(run) && toMs(assessment.at) < toMs(run.startedAt)
  })
  return since?.number ?? null
}

function ranked({ reasons, rules }: Assessment): readonly RuleOutcome[] {
  return reasons.flatMap((id) => rules.filter(({ rule }) => rule === id))
}

/** What could call for a rollback and could not be judged; one entry for each cause. */
function blindSpots(assessment: Assessment) {
  const causes = new Map<string, { readonly why: string; readonly what: string[] }>()
  for (const { rule, matched, because } of ranked(assessment)) {
    if (matched !== 'unknown') continue
    const why = causeOf(because)
    const same = causes.get(withoutNumbers(why))
    causes.set(withoutNumbers(why), {
      why: same?.why ?? why,
      what: [...(same?.what ?? []), RULE_WORDS[rule]],
    })
  }
  return [...causes.values()]
}

/** Asked a moment later, the same sample is a second older. */
function withoutNumbers(text: string): string {
  return text.replaceAll(/\d+/g, '0')
}

/** Why something is not known, without the words that say that it is not. */
export function causeOf(said: string): string {
  return said.replace(/^not known: /, '').replace(/^not known to be fresh: /, '')
}

/** Why, in the order of weight. What matched and what could not be seen are kept apart. */
export function reasonLines(assessment: Assessment): readonly Mrkdwn[] {
  const spoken = ranked(assessment).filter(({ matched }) => matched === true)
  const blind = blindSpots(assessment)
  const nothing = spoken.length + blind.length === 0
  return [
    mrk`*${VERDICT_SENTENCES[assessment.verdict]}*`,
    ...(nothing ? [trusted('Nothing that was measured calls for a rollback.')] : []),
    ...spoken.map(reasonLine),
    ...(blind.length > 0 ? [trusted('*Not known, and could call for a rollback:*')] : []),
    ...blind.map(({ what, why }) => mrk`• ${what.join(', ')}: ${why}`),
  ]
}

function reasonLine({ because, severity, decision, alternative }: RuleOutcome): Mrkdwn {
  const instead = alternative
    ? `. ${decision === 'do-not' ? 'Instead' : 'First'}: ${alternative}`
    : ''
  return mrk`• ${because} (${SEVERITY_WORDS[severity]}: ${DECISION_WORDS[decision].toLowerCase()})${instead}`
}

/** Where a rollback would lead, or why there is no way back now. */
export function wayBack({ decision, recommended, procedures }: Assessment): Mrkdwn {
  const configured = procedures.filter(({ because }) => because !== 'not configured')
  const best =
    procedures.find(({ name }) => name === recommended) ??
    configured.find(({ feasible }) => feasible)
  const label = decision === 'do-not' ? '*Way back, if it gets worse:*' : '*Way back:*'
  if (best) {
    const why = best.takesBack ? mrk`. ${clipped(best.takesBack.says, 400)}` : trusted('')
    return mrk`${trusted(label)} ${best.name}${best.to ? mrk` to *${best.to}*` : ''}${why}`
  }
  const why = configured.map(({ name, because }) => `${name}: ${because}`).join('; ')
  const answer = configured.every(({ known }) => known) ? 'none is possible now' : 'not known'
  return mrk`${trusted(label)} ${answer}. ${why || 'No procedure is configured.'}`
}
