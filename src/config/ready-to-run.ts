import type { Read } from './cross-checks.ts'
import { Environment } from './environment.ts'
import { isUnfilled, placeholdersIn } from './placeholders.ts'
import type { Problem } from './problem.ts'

/** What is no mistake in a demo, and one where a team will rely on it. */
export function unready(read: Read, variables: NodeJS.ProcessEnv): readonly Problem[] {
  const examples = isRehearsal(variables)
    ? []
    : [...unfilledVariables(variables), ...examplesIn(read)]
  return [...examples, ...tooFewApprovers(read)]
}

/** With a Slack on this very machine the people are made up too. */
export function isRehearsal({
  SLACK_API_URL = '',
}: {
  readonly SLACK_API_URL?: string | undefined
}): boolean {
  const { hostname = '' } = URL.canParse(SLACK_API_URL) ? new URL(SLACK_API_URL) : {}
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}

function unfilledVariables(variables: NodeJS.ProcessEnv): readonly Problem[] {
  return Object.keys(Environment.shape)
    .filter((name) => isUnfilled(variables[name] ?? ''))
    .map((name) => ({ where: 'environment', what: `${name} still is an example; put in your own` }))
}

function examplesIn({ settings, at }: Read): readonly Problem[] {
  return placeholdersIn(settings ?? {}).map(({ path, what }) => ({ where: at(path), what }))
}

/** Nobody at all is a choice: then Backout assesses, and carries nothing out. */
function tooFewApprovers({ settings, at }: Read): readonly Problem[] {
  const { users = [], groups = [], requesterMayApprove } = settings?.approval ?? {}
  const people = new Set(users).size
  // How many people are in a group only Slack knows: doctor asks.
  if (groups.length > 0 || people !== 1) return []
  const what = requesterMayApprove
    ? 'two people have to sign, so name at least two'
    : 'two people have to sign, and who asks for a plan does not count: that makes three people, or two here and a third who asks'
  return [
    { where: at(['approval', 'users']), what: `approval.users: one person is not enough; ${what}` },
  ]
}
