import type { Ways, Surroundings } from '../support/engine-story.ts'

/** What somebody else does while a rollback is on its way. */
export type WorldMove = {
  readonly what: string
  readonly happens: (around: Surroundings, recreate: () => void) => void
  /** What people must find in the thread, in words, if it stops the plan. */
  readonly words: RegExp
  /** Whether there is another plan that fits. */
  readonly anew: boolean
  /** Whether the deed stays the same, so that it goes on. */
  readonly harmless?: true
  /** Who is asked about what it changes: nobody else can tell whether it has happened. */
  readonly of: 'cluster' | 'people' | 'clock'
  /** Which questions, asked after it, have to bring it to light. */
  readonly seenBy: (asked: readonly string[]) => boolean
}

const seenBy =
  (question: string, times = 1) =>
  (asked: readonly string[]) =>
    asked.filter((one) => one === question).length >= times
const byRelease = seenBy('cluster.releases')

const person = (user: string) => ({ email: `${user}@pipeshub.example` })

export const WORLD_MOVES: readonly WorldMove[] = [
  {
    what: 'somebody deploys',
    happens: ({ sandbox }) => sandbox.others.deploy('backend', 'v2.1.0'),
    words: /backend: (was v2\.0\.0 .* is v2\.1\.0|somebody deployed)/,
    anew: true,
    of: 'cluster',
    seenBy: byRelease,
  },
  {
    what: 'the target ReplicaSet is collected',
    happens: ({ sandbox }) => sandbox.others.removeRevision('backend', 'v1.9.0'),
    words: /backend: (would go to v1\.8\.3.* not v1\.9\.0|revision \d+ does not exist any more)/,
    anew: true,
    of: 'cluster',
    seenBy: byRelease,
  },
  {
    what: 'everything that backend could return to is collected',
    happens({ sandbox }) {
      sandbox.others.removeRevision('backend', 'v1.9.0')
      sandbox.others.removeRevision('backend', 'v1.8.3')
    },
    words: /backend: (revision \d+ \(v1\.9\.0\) is not kept any more|revision \d+ does not exist)/,
    anew: true,
    of: 'cluster',
    seenBy: byRelease,
  },
  {
    what: 'an autoscaler scales',
    happens: ({ sandbox }) => sandbox.others.scale('backend', 5),
    words: /./,
    anew: false,
    harmless: true,
    of: 'cluster',
    seenBy: byRelease,
  },
  {
    what: 'somebody rolls back by hand',
    happens({ sandbox }) {
      sandbox.others.deploy('backend', 'v1.9.0')
      sandbox.others.deploy('frontend', 'v1.9.0')
    },
    words: /backend: it runs v1\.9\.0(, of before the trouble,)? already/,
    anew: false,
    of: 'cluster',
    seenBy: byRelease,
  },
  {
    what: 'the Deployment is deleted and made anew',
    happens: (_, recreate) => recreate(),
    words: /another object now|deleted and made anew/,
    anew: true,
    of: 'cluster',
    seenBy: byRelease,
  },
  {
    what: 'the rollout is paused',
    happens: ({ sandbox }) => sandbox.others.set('backend', { paused: true }),
    words: /backend: its rollout is paused|not finished in time/,
    anew: false,
    of: 'cluster',
    seenBy: byRelease,
  },
  {
    what: 'an approver leaves the group',
    happens({ people }) {
      people.approvers = people.approvers.filter((one) => one !== 'U0BO')
    },
    words: /<@U0BO> signed, and may not sign any more/,
    anew: false,
    of: 'people',
    // Of the first who signed, and of the second.
    seenBy: seenBy('people.membersOf', 2),
  },
  ...(['deactivated', 'guest'] as const).map((kind): WorldMove => ({
    what: `an approver becomes ${kind}`,
    happens({ people }) {
      people.accountOf = async (user) => {
        return { kind: user === 'U0BO' ? kind : 'member', ...person(user) }
      }
    },
    words: /<@U0BO> signed, and may not sign any more/,
    anew: false,
    of: 'people',
    seenBy: seenBy('people.accountOf U0BO'),
  })),
  {
    what: 'a signature expires',
    happens: ({ pass }) => pass(16 * 60_000),
    words: /a signature expired before anything was written|1 of 2 signatures|not finished in time/,
    anew: false,
    of: 'clock',
    // The clock is asked when the last answer is there.
    seenBy: (asked) => asked.some((one) => /^(cluster|people)/.test(one)),
  },
]

/** Deletes the Deployment `backend` and makes it anew: the same to look at, and another object. */
export function recreatable(): { readonly ways: Ways; readonly recreate: () => void } {
  let suffix = ''
  const renamed = <One extends { readonly name: string; readonly uid: string }>(one: One): One =>
    one.name === 'backend' ? { ...one, uid: one.uid + suffix } : one
  return {
    recreate() {
      suffix = '-anew'
    },
    ways: {
      world: (world) => ({
        ...world,
        deployments: world.deployments && {
          ...world.deployments,
          ...(({ releases, sightings, rollouts, write }: typeof world.deployments) => ({
            releases: async (...asked: Parameters<typeof releases>) =>
              (await releases(...asked)).map(renamed),
            sightings: async (...asked: Parameters<typeof sightings>) =>
              (await sightings(...asked)).map(renamed),
            rollouts: async (...asked: Parameters<typeof rollouts>) =>
              (await rollouts(...asked)).map(renamed),
            write: async (
              asked: Parameters<typeof write>[0],
              options: Parameters<typeof write>[1],
            ) => {
              const { seen, change } = asked
              if (seen.name !== 'backend') return write(asked, options)
              if (!seen.uid.endsWith(suffix)) return { kind: 'changed-meanwhile' as const }
              const uid = seen.uid.slice(0, seen.uid.length - suffix.length)
              return write({ seen: { ...seen, uid }, change }, options)
            },
          }))(world.deployments),
        },
      }),
    },
  }
}
