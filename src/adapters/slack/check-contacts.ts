import type { WebClient } from '@slack/web-api'
import { ok, wrong, type Check } from '../../domain/base/doctor-check.ts'
import type { PersonKind } from '../../domain/base/person.ts'
import { ask } from './ask.ts'
import { slackFault } from './faults.ts'
import { slackPeople } from './people.ts'
import { whatToDo } from './what-to-do.ts'

/** Whether the Slack accounts of those on call are still there. */
export async function checkContacts(
  client: WebClient,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const us = ask(() => client.auth.test(), signal).then(({ team_id }) => ({ team: team_id ?? '' }))
  const people = slackPeople(client, us)
  return Promise.all(
    ids.map(async (id) => {
      const tried = `contact ${id}`
      try {
        const trouble = TROUBLES[(await people.accountOf(id, signal)).kind]
        const todo = 'correct contacts.onCall in backout.yaml'
        return trouble ? wrong('slack', tried, trouble, todo) : ok('slack', tried, 'has an account')
      } catch (error) {
        const fault = slackFault(error)
        return wrong('slack', tried, fault.detail, whatToDo(fault, 'SLACK_BOT_TOKEN'))
      }
    }),
  )
}

const TROUBLES: Record<PersonKind, string | null> = {
  member: null,
  guest: null,
  external: 'no account of this workspace',
  bot: 'a bot, whom nobody can call',
  deactivated: 'the account is deactivated',
  unknown: 'Slack did not say whose account this is',
}
