import type { Event } from '../../src/domain/incident/event.ts'
import { ownerTarget } from '../../src/domain/plan/owner.ts'
import type { Sighting } from '../../src/ports/deployment-state.ts'
import type { KeyScope } from '../../src/ports/cache.ts'
import type { Deployments, WorkloadWrite, WriteOptions } from '../../src/ports/deployments.ts'
import { ownVersion } from '../../src/domain/workload/versions.ts'
import type { Surroundings, Ways } from '../support/engine-story.ts'

const signal = new AbortController().signal

/**
 * Stands at the targets and counts what they really did: nothing that the engine says of itself. It
 * judges every accepted write by the raw events and by the world at that very moment.
 */
export function recorder(around: Surroundings) {
  /** `backend to v1.9.0`, in the order in which the cluster accepted them. */
  const written: string[] = []
  const cleared: KeyScope[] = []
  /** `Application argocd/shop to null`: what the owners accepted. */
  const suspended: string[] = []
  /** Why a write was not what two people had signed. */
  const unsigned: string[] = []
  /** Writes that arrived when the signatures had run out, or after their run had ended. */
  const late: string[] = []
  const begun = new Set<string>()

  const { cache, deployments, owners } = around.sandbox.world
  const ways: Ways = {
    world: (world) => ({
      ...world,
      deployments: deployments && { ...deployments, write: recorded(deployments) },
      cache: cache && {
        ...cache,
        clear(scope, until) {
          cleared.push(scope)
          return cache.clear(scope, until)
        },
      },
      owners: owners && {
        ...owners,
        async write(asked, options) {
          const answer = await owners.write(asked, options)
          if (answer.kind === 'written' && !options.dryRun) {
            suspended.push(`${ownerTarget(asked.owner)} to ${JSON.stringify(asked.to)}`)
            if (written.length > 0) unsigned.push('suspended after the write it was for')
          }
          return answer
        },
      },
    }),
  }

  function recorded({ sightings, write }: Deployments): Deployments['write'] {
    return async (asked, options) => {
      if (options.dryRun) return write(asked, options)
      const [standing] = await sightings([asked.seen.name], signal)
      const answer = await write(asked, options)
      if (answer.kind !== 'written') return answer
      // Accepted, so it still stood as it was seen here.
      written.push(`${asked.seen.name} ${intoWords(asked)}`)
      await judge(asked, options, standing)
      return answer
    }
  }

  async function judge(
    { seen, change }: WorkloadWrite,
    { key }: WriteOptions,
    standing: Sighting | undefined,
  ): Promise<void> {
    const nowMs = around.clock.now()
    const [id = '', name = '', digest = ''] = key.split('/')
    const plan = Number(name.replace('plan-', ''))
    const events = (await around.journal.read(id)).map(({ event }) => event)
    const proposal = events.find((one) => one.type === 'plan-proposed' && one.plan === plan)
    if (proposal?.type !== 'plan-proposed') return void unsigned.push(`${key} is no plan`)
    if (!digest || !proposal.proposal.digest.startsWith(digest)) {
      unsigned.push(`${key}: another digest`)
    }
    const where = `${key} ${seen.name}`
    const steps = JSON.stringify(proposal.proposal.steps)
    if (!standing || !steps.includes(standing.uid)) unsigned.push(`${where}: another Deployment`)
    if (change.kind === 'template') {
      const from = standing?.current?.uid
      if (!from || !steps.includes(from)) unsigned.push(`${where}: from another revision`)
      if (!steps.includes(change.to.uid)) unsigned.push(`${where}: to another revision`)
    }
    const signed = signatures(events, plan, proposal.proposal.digest)
    // Each story here has plans that any of the approvers sign, and nobody else.
    const wanted = Math.max(...proposal.proposal.signatures.map(({ count }) => count))
    if (signed.size < wanted) unsigned.push(`${where}: not signed by ${wanted}`)
    const holding = [...signed.values()].filter((until) => nowMs < until)
    const first = !begun.has(key)
    begun.add(key)
    if (first && holding.length < wanted) late.push(`${where}: expired`)
    if (events.some((one) => one.type === 'run-ended' && one.plan === plan)) {
      late.push(`${where}: its run had ended`)
    }
    const requested = events.find((one) => one.type === 'plan-requested' && one.plan === plan)
    const by = requested?.type === 'plan-requested' ? requested.by : ''
    const gone = [...signed.keys()].filter((one) => !around.people.approvers.includes(one))
    if (first && gone.length > 0) late.push(`${where}: ${gone.join()} may not sign any more`)
    if (signed.has(by)) unsigned.push(`${where}: signed by who asked for it`)
  }

  return { ways, written, cleared, suspended, unsigned, late }
}

/** Who signed this digest, and until when. */
function signatures(
  events: readonly Event[],
  plan: number,
  digest: string,
): ReadonlyMap<string, number> {
  const signed = new Map<string, number>()
  for (const event of events) {
    if (event.type === 'plan-approved' && event.plan === plan && event.digest === digest) {
      signed.set(event.by, Date.parse(event.expiresAt))
    }
    if (event.type === 'approval-expired' && event.plan === plan) signed.delete(event.by)
  }
  return signed
}

function intoWords({ change }: WorkloadWrite): string {
  switch (change.kind) {
    case 'template':
      return `to ${ownVersion(change.to)}`
    case 'replicas':
      return `to ${change.to} pods`
    case 'restart':
      return 'restarted'
    default:
      return change satisfies never
  }
}

/** What every story must show, whatever went wrong in it. */
export function wrongIn({ unsigned, cleared, late }: ReturnType<typeof recorder>): string[] {
  const scope = JSON.stringify({ prefixes: ['cache:'], protectedPrefixes: ['sess:'] })
  const elsewhere = cleared.filter((one) => JSON.stringify(one) !== scope)
  return [...unsigned, ...late, ...elsewhere.map((one) => `cleared ${JSON.stringify(one)}`)]
}
