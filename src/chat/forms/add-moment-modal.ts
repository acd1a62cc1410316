import { IncidentId } from '../reading/parse-press.ts'
import { jsonOf } from '../../domain/base/json-of.ts'
import type { KnownBlock, ModalView } from '@slack/types'
import { z } from 'zod'
import { isZone, shownIn } from '../../domain/text/zone-time.ts'
import { readTypedTime } from '../../domain/text/typed-time.ts'
import { utcDayAndTime } from '../../domain/text/utc.ts'
import { section } from '../parts/blocks.ts'
import { CHECK_MOMENT_MODAL, ADD_MOMENT_MODAL } from '../reading/action-ids.ts'
import { field, option, plainText } from '../reading/inputs.ts'
import { withoutSlackMarkup } from '../reading/split-line.ts'
import { clipped, cutPlain, mrk, oneLine } from '../text/text.ts'
import type { FieldErrors } from './start-modal.ts'

const MOMENT_TEXT_MAX = 500
const TIME_MAX = 60
const MOST_INCIDENTS = 100

const At = z.iso.datetime()
const Zone = z.string().max(60).refine(isZone)
const Channel = z.string().max(40)
const Link = z.url({ protocol: /^https?$/ }).max(500)

/** What the first form knows of the message; it comes back with the submission, and entitles to nothing. */
const About = z.strictObject({
  zone: Zone,
  /** When the message was written. */
  written: At,
  link: Link.nullable(),
  /** Where it was opened; left out in forms of before there was more than one place. */
  channel: Channel.optional(),
})
type About = z.infer<typeof About>

type Choice = { readonly id: string; readonly title: string }

/** A message for the timeline of an incident: in which, in which words, and when it happened. */
export function addMomentModal(
  about: About,
  message: string,
  { incidents, thread }: { readonly incidents: readonly Choice[]; readonly thread: string | null },
): ModalView {
  const text = oneLine(withoutSlackMarkup(message.slice(0, 8000)), MOMENT_TEXT_MAX)
  const options = incidents
    .slice(0, MOST_INCIDENTS)
    .map(({ id, title }) => option(id, `${id} ${oneLine(title, 60)}`))
  const [only] = options
  const initial = options.find(({ value }) => value === thread) ?? only
  return {
    type: 'modal',
    callback_id: ADD_MOMENT_MODAL,
    private_metadata: JSON.stringify(about),
    title: plainText('Add to timeline'),
    submit: plainText('Next'),
    close: plainText('Cancel'),
    blocks: [
      field('incident', 'Incident', {
        type: 'static_select',
        action_id: 'incident',
        options,
        ...(initial ? { initial_option: initial } : {}),
      }),
      field('text', 'What happened', {
        type: 'plain_text_input',
        action_id: 'text',
        multiline: true,
        max_length: MOMENT_TEXT_MAX,
        ...(text === '' ? {} : { initial_value: text }),
      }),
      field(
        'time',
        'When it happened',
        {
          type: 'plain_text_input',
          action_id: 'time',
          max_length: TIME_MAX,
          initial_value: shownIn(about.written, about.zone).time,
        },
        {
          hint: `In your time, ${about.zone}: 2:30, 2:30 pm, yesterday 23:10, or 2026-11-22 02:30. With UTC behind it, in UTC.`,
        },
      ),
    ],
  }
}

const Chosen = z.object({ value: z.string() }).nullish()
const Typed = z.object({ value: z.string().nullish() })
const Values = z.object({
  incident: z.object({ incident: z.object({ selected_option: Chosen }) }),
  text: z.object({ text: Typed }),
  time: z.object({ time: Typed }),
})

/** What was submitted, and the one or two moments that its time can mean. */
const Moment = z.strictObject({
  incident: IncidentId,
  text: z.string().min(1).max(MOMENT_TEXT_MAX),
  zone: Zone,
  times: z.array(At).min(1).max(2),
  link: Link.nullable(),
  channel: Channel.optional(),
})
export type Moment = z.infer<typeof Moment>

/** What a person submitted, checked as if the form had checked nothing. Never throws. */
export function parseAddMoment(
  values: unknown,
  metadata: string,
  nowMs: number,
): Moment | FieldErrors {
  const about = About.safeParse(jsonOf(metadata))
  const parsed = Values.safeParse(values)
  if (!about.success || !parsed.success) {
    return { errors: { text: 'Backout could not read this form. Open it again.' } }
  }
  const { zone, written, link, channel } = about.data
  const text = oneLine(parsed.data.text.text.value ?? '', MOMENT_TEXT_MAX)
  const typed = (parsed.data.time.time.value ?? '').trim()
  const errors: Record<string, string> = {}
  if (text === '') errors['text'] = 'Say what happened.'
  const read = typed === shownIn(written, zone).time ? [written] : timesOf(typed, zone, nowMs)
  if (typeof read === 'string') errors['time'] = read
  if (typeof read === 'string' || text === '') return { errors }
  const incident = parsed.data.incident.incident.selected_option?.value ?? ''
  const moment = Moment.safeParse({ incident, text, zone, times: read, link, channel })
  return moment.success
    ? moment.data
    : { errors: { incident: 'Choose the incident in which it happened.' } }
}

function timesOf(typed: string, zone: string, nowMs: number): readonly string[] | string {
  const read = readTypedTime(typed, zone, nowMs)
  switch (read.kind) {
    case 'moment':
      return [read.at]
    case 'twice':
      return [read.earlier, read.later]
    case 'never':
      return `There was no such time in ${zone}: the clocks went over it, or the calendar has no such day. Type another one.`
    case 'not-yet':
      return 'That is still to come. Type when it happened.'
    case 'not-read':
      return 'Type it like 2:30, 2:30 pm, yesterday 23:10, or 2026-11-22 02:30.'
    default:
      return read satisfies never
  }
}

/** Shows how it was read, with its zone, before it is kept; asks which, where there were two. */
export function checkMomentModal(moment: Moment): ModalView {
  const { text, zone, times } = moment
  const [first = '', second] = times
  return {
    type: 'modal',
    callback_id: CHECK_MOMENT_MODAL,
    private_metadata: JSON.stringify(moment),
    title: plainText('Is this the time?'),
    submit: plainText('Add'),
    close: plainText('Cancel'),
    blocks: [
      section(mrk`${clipped(text, MOMENT_TEXT_MAX)}`),
      second === undefined
        ? section(mrk`*${inZone(first, zone)}*, which is ${utcDayAndTime(first)}`)
        : whichOf(first, second, zone),
    ],
  }
}

function whichOf(first: string, second: string, zone: string): KnownBlock {
  const options = [first, second].map((at, index) =>
    option(
      String(index),
      `${index === 0 ? 'Before' : 'After'} that: ${shownIn(at, zone).offset}, ${utcDayAndTime(at)}`,
    ),
  )
  return field(
    'which',
    `The clocks were put back: ${shownIn(first, zone).time} came twice. Which is it?`,
    { type: 'radio_buttons', action_id: 'which', options },
  )
}

function inZone(at: string, zone: string): string {
  const { time, offset } = shownIn(at, zone)
  return `${time} in ${zone} (${offset})`
}

const Which = z.object({
  which: z.object({ which: z.object({ selected_option: Chosen }) }).optional(),
})

/** What a person has said yes to. Never throws. */
export function parseCheckMoment(
  values: unknown,
  metadata: string,
):
  | (Pick<Moment, 'incident' | 'text' | 'link' | 'channel'> & { readonly at: string })
  | FieldErrors {
  const moment = Moment.safeParse(jsonOf(metadata))
  const chosen = Which.safeParse(values)
  if (!moment.success || !chosen.success) {
    return { errors: { which: 'Backout could not read this form. Open it again.' } }
  }
  const { incident, text, link, times, channel } = moment.data
  const which = times.length === 1 ? '0' : chosen.data.which?.which.selected_option?.value
  const at = which === '0' ? times[0] : which === '1' ? times[1] : undefined
  if (at === undefined) return { errors: { which: 'Choose which of the two it is.' } }
  return { incident, text: cutPlain(text, MOMENT_TEXT_MAX), link, channel, at }
}
