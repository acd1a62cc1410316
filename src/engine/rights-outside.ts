import { z } from 'zod'
import { Fault } from '../domain/base/fault.ts'
import { toIso } from '../domain/base/instant.ts'
import { PersonKind } from '../domain/base/person.ts'
import { KEPT_MS } from '../domain/second-factor/enrolment.ts'
import type { Signer } from '../domain/plan/gate.ts'
import type { Clock } from '../ports/clock.ts'
import type { Account, People } from '../ports/conversations.ts'
import type { Log } from '../ports/log.ts'
import type { KeptAnswers } from '../ports/second-factor.ts'
import type { EngineDeps } from './engine-types.ts'
import { liveRights, type Rights } from './rights.ts'

/** Rights of people who came by another way than Slack. */
export type RightsOutside = Pick<Rights, 'signer' | 'approver' | 'publisher'>

/** An account as it was kept: what Slack answered, and nothing of ours. */
const KeptAccount = z.object({
  kind: PersonKind,
  email: z.string().nullable(),
  grid: z.object({ person: z.string(), ids: z.array(z.string()) }).optional(),
})
const KeptMembers = z.array(z.string())

export type AllRights = Rights & { readonly outside: RightsOutside }

/** Who people are and what they may do, of whoever comes by Slack and of those who do not. */
export function rightsOf(deps: EngineDeps): AllRights {
  const live = keptRights(deps)
  return { ...live, outside: deps.keptAnswers ? rightsOutside(deps, deps.keptAnswers) : live }
}

/** What others may ask of it. */
export function askable({ signer, approver, outside, readDirectory }: AllRights) {
  const whoIs = async (user: string): Promise<PersonKind> => (await signer(user)).kind
  return { whoIs, approver, approverOutside: outside.approver, readDirectory }
}

/** Read live; what Slack answers is kept where somebody may need it. */
function keptRights(deps: EngineDeps): Rights {
  const { keptAnswers: kept, people, log } = deps
  return liveRights({ ...askedOf(deps), people: kept ? keeping(people, kept, log) : people })
}

/**
 * The same, of the same code: while Slack answers it is read live, and kept. Where it does not answer, what it
 * said within the last day counts, and is said to. That it refuses us is an answer, and nothing kept counts then.
 */
function rightsOutside(deps: EngineDeps, kept: KeptAnswers): RightsOutside {
  const { people, clock, log } = deps
  const live = keeping(people, kept, log)
  const from = { kept, clock, log }

  async function asked(ask: (rights: Rights) => Promise<Signer>): Promise<Signer> {
    const found = orKept(live, from)
    const signer = await ask(liveRights({ ...askedOf(deps), people: found.people }))
    const atMs = found.oldestMs()
    return atMs === null ? signer : { ...signer, rightsAsOf: toIso(atMs) }
  }

  return {
    signer: (user) => asked((rights) => rights.signer(user)),
    approver: (user) => asked((rights) => rights.approver(user)),
    publisher: (user) => asked((rights) => rights.publisher(user)),
  }
}

function askedOf({ rules, statusPage, letters, hash, log }: EngineDeps) {
  const { publishers } = statusPage ?? letters ?? {}
  return { approval: rules.approval, publishers, hash, log }
}

function keeping(people: People, kept: KeptAnswers, log: Log): People {
  /** Beside what waits for the answer; that it could not be kept is for the next one to mend. */
  function keep(key: string, answer: unknown): void {
    kept.keep(key, answer).catch((error: unknown) => {
      log.warn('what Slack said of somebody could not be kept', { error })
    })
  }
  return {
    async accountOf(user, signal) {
      const account = await people.accountOf(user, signal)
      if (account.kind !== 'unknown') keep(accountKey(user), account)
      return account
    },
    async membersOf(group, signal) {
      const members = await people.membersOf(group, signal)
      keep(groupKey(group), members)
      return members
    },
  }
}

/** `oldestMs`: of what was taken from what is kept; `null`: nothing was. */
function orKept(
  live: People,
  deps: { readonly kept: KeptAnswers; readonly clock: Clock; readonly log: Log },
): { readonly people: People; readonly oldestMs: () => number | null } {
  let oldestMs: number | null = null

  async function answered<Answer>(
    key: string,
    schema: z.ZodType<Answer>,
    ask: () => Promise<Answer>,
  ): Promise<Answer> {
    try {
      return await ask()
    } catch (error) {
      const isSilent = error instanceof Fault && error.kind !== 'terminal'
      const found = isSilent ? await deps.kept.kept(key).catch(() => null) : null
      const { data } = schema.safeParse(found?.answer)
      if (!found || data === undefined || deps.clock.now() - found.atMs > KEPT_MS) throw error
      deps.log.warn('Slack does not answer; what it last said is used', { key, atMs: found.atMs })
      oldestMs = Math.min(oldestMs ?? found.atMs, found.atMs)
      return data
    }
  }

  return {
    oldestMs: () => oldestMs,
    people: {
      accountOf: (user, signal) =>
        answered<Account>(accountKey(user), KeptAccount, () => live.accountOf(user, signal)),
      membersOf: (group, signal) =>
        answered(groupKey(group), KeptMembers, async () => [
          ...(await live.membersOf(group, signal)),
        ]),
    },
  }
}

function accountKey(user: string): string {
  return `account ${user}`
}

function groupKey(group: string): string {
  return `group ${group}`
}
