import type { Config } from '../config/load-config.ts'
import { placeholdersIn } from '../config/placeholders.ts'
import { isRehearsal } from '../config/ready-to-run.ts'
import { careful, ok, wrong, type Check } from '../domain/base/doctor-check.ts'

type Contacts = Config['settings']['contacts']

const WHERE = 'contacts.onCall in backout.yaml'

/** Whether there is somebody to call, and a way to call them. */
export function contactChecks({ onCall }: Contacts): readonly Check[] {
  if (onCall.length === 0) {
    const found = 'nobody is named, so /rollback contacts cannot say whom to call'
    return [careful('contacts', 'on call', found, `name people under ${WHERE}`)]
  }
  const unreachable = onCall.filter(({ phone, email, slack }) => !phone && !email && !slack)
  if (unreachable.length > 0) {
    const names = unreachable.map(({ name }) => name).join(', ')
    const found = `no phone, e-mail or Slack id: ${names}`
    return [careful('contacts', 'on call', found, `add a way to call them under ${WHERE}`)]
  }
  const people = onCall.length === 1 ? '1 person' : `${onCall.length} people`
  return [ok('contacts', 'on call', `${people}, each with a way to call them`)]
}

/** What nobody filled in. With a Slack on this machine that is no mistake yet. */
export function exampleChecks({ settings, environment }: Config): readonly Check[] {
  const judged = isRehearsal(environment) ? careful : wrong
  const examples = placeholdersIn(settings).map(({ path, what }) => {
    const [found = '', todo = ''] = what.split('; ')
    const [where = '', trouble = ''] = found.split(': ')
    return { part: path[0], check: judged('settings', where, trouble, todo) }
  })
  return examples
    .filter(({ part }) => part === 'contacts' || !isRehearsal(environment))
    .map(({ check }) => check)
}
