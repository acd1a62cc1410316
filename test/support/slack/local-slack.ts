import { startLocalSlack as start, type LocalSlack } from '../../../src/compose/demo/local-slack.ts'
import type { Workspace } from './fixture.ts'

export type { LocalSlack }

export function startLocalSlack({
  teamId,
  name,
  domain,
  app,
  users,
  channels,
}: Workspace): Promise<LocalSlack> {
  return start({
    workspace: { teamId, name, domain },
    apps: [{ ...app, mode: 'socket' }],
    users: users.map(({ id, name: handle, real_name, is_bot, email }) => ({
      id,
      name: handle,
      real_name,
      is_bot,
      email,
    })),
    channels,
  })
}
