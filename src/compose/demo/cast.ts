/** The local workspace of the demo: three members of the on-call team, and three channels. */
const CHANNEL = 'C0INCIDENTS'

/** Where incidents are rehearsed. */
export const DRILL_CHANNEL = 'C0DRILLS'

export const app = {
  appId: 'A0BACKOUT',
  botUserId: 'U0BACKOUT',
  botName: 'Backout',
  botToken: 'xoxb-demo',
  appToken: 'xapp-demo',
  signingSecret: 'demo',
}

const users = [
  {
    id: 'U0ANA',
    name: 'ana',
    real_name: 'Ana Lima (on call)',
    is_bot: false,
    email: 'ana@pipeshub.example',
  },
  {
    id: 'U0BO',
    name: 'bo',
    real_name: 'Bo Chen (secondary)',
    is_bot: false,
    email: 'bo@pipeshub.example',
  },
  {
    id: 'U0CY',
    name: 'cy',
    real_name: 'Cy Okafor (manager)',
    is_bot: false,
    email: 'cy@pipeshub.example',
  },
]

export const workspace = {
  workspace: { teamId: 'T0PIPESHUB', name: 'Pipeshub', domain: 'pipeshub' },
  apps: [{ ...app, mode: 'socket' }],
  users,
  channels: [
    {
      id: CHANNEL,
      name: 'incidents',
      topic: 'Type /rollback assess',
      members: [...users.map(({ id }) => id), app.botUserId],
    },
    {
      id: DRILL_CHANNEL,
      name: 'drills',
      topic: 'Type /rollback drill',
      members: [...users.map(({ id }) => id), app.botUserId],
    },
    { id: 'C0RANDOM', name: 'random', members: [...users.map(({ id }) => id), app.botUserId] },
  ],
}
