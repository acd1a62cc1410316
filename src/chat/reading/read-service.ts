import { refused, type Refusal } from '../../domain/base/refusal.ts'
import { nearest } from '../../domain/text/nearest.ts'
import { namesUpTo, oneLine } from '../text/text.ts'
import { badArguments, COMMAND, LONGEST_DETAIL } from './bad-arguments.ts'
import type { CommandName } from './command.ts'
import { quoted, type Arguments } from './read-arguments.ts'

/** Where a service can be named, and how that is typed. */
type Where = { readonly name: CommandName; readonly usage: string }

export function readService(
  { name, usage }: Where,
  [asked, ...more]: readonly string[],
  services: readonly string[],
): string | Refusal {
  if (asked === undefined) {
    return badArguments(usage, `Which service? Services: ${namesUpTo(8, services)}.`)
  }
  const service = services.find((known) => known.toLowerCase() === asked.toLowerCase())
  if (service === undefined) return unknownService(name, asked, services)
  return more.length > 0 ? badArguments(usage, 'It takes one service at a time.') : service
}

/** Which services go back: one, all, or, without a word, those of the newest release. */
export function readChosen(
  where: Where,
  flags: Arguments['flags'],
  services: readonly string[],
): { readonly service?: string; readonly all?: true } | Refusal {
  const asked = flags.get('service')
  if (asked === undefined) return flags.has('all') ? { all: true } : {}
  if (flags.has('all')) return badArguments(where.usage, 'Either --service or --all, not both.')
  const service = readService(where, [asked], services)
  return typeof service === 'object' ? service : { service }
}

function unknownService(name: CommandName, asked: string, services: readonly string[]): Refusal {
  const meant = nearest(asked.slice(0, 100), services)
  const hint = meant
    ? `Did you mean ${oneLine(meant, 80)}? Type: ${COMMAND} ${typedAs(name, oneLine(meant, 80))}`
    : `Services: ${namesUpTo(8, services)}.`
  return refused(
    'unknown-service',
    oneLine(`There is no service ${quoted(asked)}. ${hint}`, LONGEST_DETAIL),
  )
}

function typedAs(name: CommandName, service: string): string {
  return name === 'plan' ? `plan --service ${service}` : `${name} ${service}`
}
