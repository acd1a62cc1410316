import type { WebClient } from '@slack/web-api'
import { z } from 'zod'
import type { PersonKind } from '../../domain/person.ts'
import { Fault } from '../../domain/fault.ts'
import type { People } from '../../ports/conversations.ts'
import { slackFault } from './faults.ts'

/**
 * Slack documents `id` and `team_id` for every account; an answer without them says nothing about
 * anybody. The flags are left out where they do not apply.
 */
const Account = z.object({
  id: z.string().min(1),
  team_id: z.string().min(1),
  deleted: z.boolean().optional(),
  is_bot: z.boolean().optional(),
  is_workflow_bot: z.boolean().optional(),
  is_connector_bot: z.boolean().optional(),
  is_restricted: z.boolean().optional(),
  is_ultra_restricted: z.boolean().optional(),
  is_stranger: z.boolean().optional(),
  is_invited_user: z.boolean().optional(),
})

/**
 * Reads the account live: who left the workspace a minute ago may do nothing. `us`: until Slack has
 * said which workspace is ours, nobody can be told from a stranger (J10).
 */
export function slackPeople(client: WebClient, us: Promise<{ readonly team: string }>): People {
  return {
    async kindOf(user, signal) {
      signal.throwIfAborted()
      const late = aborted(signal)
      try {
        const { team } = await Promise.race([us, late])
        const answer = await Promise.race([client.users.info({ user }), late])
        const { data: account } = Account.safeParse(answer.user)
        return account ? kindOfAccount(account, team) : 'unknown'
      } catch (error) {
        const fault = slackFault(error, false)
        // Slack shows people of other workspaces only where they share a channel.
        if (fault.code === 'user_not_found' || fault.code === 'user_not_visible') return 'external'
        throw fault
      }
    },
  }
}

function kindOfAccount(account: z.infer<typeof Account>, ourTeam: string): PersonKind {
  if (account.deleted) return 'deactivated'
  if (account.is_bot || account.is_workflow_bot || account.is_connector_bot) return 'bot'
  if (account.is_stranger) return 'external'
  if (account.team_id !== ourTeam) return 'external'
  if (account.is_restricted || account.is_ultra_restricted || account.is_invited_user)
    return 'guest'
  return 'member'
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const detail = 'Slack did not answer in time'
    signal.addEventListener(
      'abort',
      () => reject(new Fault({ kind: 'retryable', dependency: 'slack', detail })),
      { once: true },
    )
  })
}
