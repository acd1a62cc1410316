import type { Conversations, People } from '../../src/ports/conversations.ts'

/** A call to Slack comes back in a later turn, however fast. */
const answered = () => new Promise<void>((done) => setImmediate(done))

/** A Slack that only takes what it is sent, and knows everybody. */
export const quietSlack = (): { conversations: Conversations; people: People } => {
  let posted = 0
  return {
    conversations: {
      async post() {
        await answered()
        posted += 1
        return { ts: `${posted}.0` }
      },
      update: answered,
      find: async () => null,
      linkTo: async ({ ts }) => `https://slack.test/${ts}`,
      tell: answered,
      upload: async () => ({ file: 'F1' }),
      findFile: async () => null,
    },
    people: {
      accountOf: async (user) => ({ kind: 'member', email: `${user}@example.test` }),
      membersOf: async () => [],
    },
  }
}
