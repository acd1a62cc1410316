import { severityOf } from '../../domain/incident/declaration.ts'
import { chronological } from '../../domain/incident/chronological.ts'
import type { Event } from '../../domain/incident/event.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import {
  closedBetween,
  lastedMs,
  milestones,
  servicesOf,
} from '../../domain/incident/milestones.ts'
import { inWords } from '../../domain/text/duration.ts'
import { utcDayAndTime } from '../../domain/text/utc.ts'
import { momentInWords } from '../parts/timeline.ts'
import { SYMPTOM_LABELS } from '../reading/symptoms.ts'
import { mention } from '../text/text.ts'
import { OUTCOMES_OF_CLOSING, SEVERITY_WORDS } from '../text/words.ts'
import { fact, fromSlack, said, words, type Block, type Said } from './contents.ts'

export function summary(incident: Incident): readonly Block[] {
  const { declared, lead, id, opened, closed } = incident
  const environment = opened?.environment ?? null
  const { detected } = milestones(incident)
  const lasted = lastedMs(incident)
  const severity = severityOf(incident)
  const services = servicesOf(incident)
  const symptoms = incident.symptoms.map((symptom) => SYMPTOM_LABELS[symptom].label).join(', ')
  const rows = [
    fact('Incident', said`${id}${environment === null ? '' : said`, ${environment}`}`),
    fact('Date', words(detected === null ? 'not known' : utcDayAndTime(detected))),
    fact(
      'Duration',
      said`${lasted === null ? 'it is open' : inWords(lasted)}${words(pauses(incident), 1000)}`,
    ),
    fact('Severity', words(severity ? SEVERITY_WORDS[severity] : 'not determined')),
    fact(
      'Services affected',
      words(services.length > 0 ? services.join(', ') : 'none was named', 1000),
    ),
    ...(declared ? [fact('Declared by', fromSlack(mention(declared.by)))] : []),
    ...(lead ? [fact('Lead', fromSlack(mention(lead.by)))] : []),
    ...(closed ? [fact('Closed by', fromSlack(mention(closed.by)))] : []),
    ...(closed?.closing
      ? [fact('How it ended', words(OUTCOMES_OF_CLOSING[closed.closing.outcome]))]
      : []),
    ...(symptoms === '' ? [] : [fact('Symptoms reported', words(symptoms))]),
    ...(declared?.description ? [fact('Description', words(declared.description, 3000))] : []),
  ]
  return [{ kind: 'facts', rows }]
}

/** While it was closed it did not go on: whoever reads how long it lasted is told. */
function pauses(incident: Incident): string {
  const between = closedBetween(incident).map(({ from, to }) => {
    return `from ${utcDayAndTime(from)} to ${utcDayAndTime(to)}`
  })
  return between.length === 0 ? '' : `; it was closed in between, ${between.join(', and ')}`
}

/** The runbook's moments in its words, and every moment of the journal. */
export function timeline(incident: Incident): readonly Block[] {
  const found = milestones(incident)
  const rows = [
    ['Issue first detected', found.detected],
    ['Alert triggered', found.alerted],
    ['Team notified', found.declared],
    ['Rollback decision made', found.decided],
    ['Rollback initiated', found.begun],
    ['Services restored', found.stable],
    ['Incident resolved', found.closed],
  ] as const
  return [
    {
      kind: 'list',
      items: rows.map(
        ([what, at]) => said`${at === null ? 'not recorded' : utcDayAndTime(at)} - ${what}`,
      ),
    },
    { kind: 'heading', title: 'Everything in order' },
    {
      kind: 'table',
      caption: 'Every moment that was written down, oldest first. Times are UTC.',
      columns: ['UTC', 'What happened'],
      rows: chronological(incident.timeline).map(({ at, event }) => [
        dayAndSecond(at),
        whatHappened(incident, event),
      ]),
    },
  ]
}

/** What a person added is kept to its last word, and who did is said. */
function whatHappened(incident: Incident, event: Event): Said {
  if (event.type !== 'moment-added') return fromSlack(momentInWords(incident, event), 600)
  const source = event.link === undefined ? [] : said`, from ${words(event.link, 500)}`
  return said`${words(event.text, 600)} (added by ${fromSlack(mention(event.by))}${source})`
}

/** "2026-03-01 03:12:07" */
function dayAndSecond(iso: string): Said {
  return words(`${iso.slice(0, 10)} ${iso.slice(11, 19)}`)
}

/** What it is made of, and of when. */
export function aboutThis({ sequence, changedAt, closed }: Incident): readonly Block[] {
  const until = said`Backout wrote it from its journal, ${sequence} events of this incident, as they stood at ${utcDayAndTime(changedAt)}.`
  return [
    { kind: 'words', said: until },
    ...(closed
      ? []
      : [
          {
            kind: 'words' as const,
            said: said`The incident is open: this is not its last report.`,
          },
        ]),
  ]
}
