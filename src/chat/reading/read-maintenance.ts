import { MAINTENANCE_MESSAGE_MAX, type RequestOf } from '../../domain/plan/plan-request.ts'
import { oneLine } from '../text/text.ts'
import { quoted, type Arguments, type Problem } from './read-arguments.ts'

const SWITCH = /^(?:on|off)$/i

/** On or off, and behind "on" what people are to see: one line, as it was typed. */
export function readMaintenance([asked = '', ...more]: readonly string[]):
  | RequestOf<'maintenance'>
  | Problem {
  if (!SWITCH.test(asked)) return { problem: `${quoted(asked)} is neither on nor off.` }
  const on = asked.toLowerCase() === 'on'
  const [first] = more
  if (first === undefined) return { kind: 'maintenance', on }
  if (!on) return { problem: 'Nothing can follow off.' }
  if (more.length === 1 && SWITCH.test(first)) return { problem: 'Either on or off, not both.' }
  const message = readMessage(more.join(' '))
  return typeof message === 'object' ? message : { kind: 'maintenance', on, message }
}

/** What was typed for people to see, behind a flag. */
export function readSaid(flags: Arguments['flags']): { readonly message?: string } | Problem {
  const typed = flags.get('message')
  if (typed === undefined) return {}
  const message = readMessage(typed)
  return typeof message === 'object' ? message : { message }
}

/** Too long is refused, and not cut: what people see is what somebody wrote. */
export function readMessage(typed: string): string | Problem {
  const message = oneLine(typed, typed.length)
  if (message === '') return { problem: 'Say what people are to see.' }
  return message.length > MAINTENANCE_MESSAGE_MAX
    ? { problem: `The message may have ${MAINTENANCE_MESSAGE_MAX} characters at most.` }
    : message
}
