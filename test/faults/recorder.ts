import type { Event } from '../../src/domain/incident/event.ts'
import { flagInWords } from '../../src/domain/plan/flag-value.ts'
import { ownerTarget } from '../../src/domain/plan/owner.ts'
import type { Sighting } from '../../src/ports/deployment-state.ts'
import type { Container, Containers, ContainerWrite } from '../../src/ports/containers.ts'
import type { KeyScope } from '../../src/ports/cache.ts'
import type { Deployments, WorkloadWrite, WriteOptions } from '../../src/ports/deployments.ts'
import { ownVersion } from '../../src/domain/workload/versions.ts'
import type { Surroundings, Ways } from '../support/engine-story.ts'

const signal = new AbortController().signal

const SERVICES = ['backend', 'frontend']

/**
 * Stands at the targets and counts what they really did: nothing that the engine says of itself. It
 * judges every accepted write by the raw events and by the world at that very moment.
 */
export function recorder(around: Surroundings) {
  /** `backend to v1.9.0`, `shop-1/backend: stop serving v2.0.0`, in the order in which they were accepted. */
  const written: string[] = []
  const cleared: KeyScope[] = []
  /** `Application argocd/shop to null`: what the owners accepted. */
  const suspended: string[] = []
  /** Why a write was not what two people had signed. */
  const unsigned: string[] = []
  /** Writes that arrived when the signatures had run out, or after their run had ended. */
  const late: string[] = []
  const begun = new Set<string>()

  const { cache, containers, deployments, owners } = around.sandbox.world
  const ways: Ways = {
    world: (world) => ({
      ...world,
      deployments: deployments && { ...deployments, write: recorded(deployments) },
      containers: containers && { ...containers, write: recordedOnHosts(containers) },
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
    const where = `${key} ${seen.name}`
    const steps = await signedSteps(key, where)
    if (steps === null) return
    if (!standing || !steps.includes(standing.uid)) unsigned.push(`${where}: another Deployment`)
    if (change.kind !== 'template') return
    const from = standing?.current?.uid
    if (!from || !steps.includes(from)) unsigned.push(`${where}: from another revision`)
    if (!steps.includes(change.to.uid)) unsigned.push(`${where}: to another revision`)
  }

  function recordedOnHosts({ sightings, write }: Containers): Containers['write'] {
    return async (asked, until) => {
      const before = await sightings(SERVICES, signal)
      const answer = await write(asked, until)
      if (answer.kind !== 'done') return answer
      const named = asked.kind === 'create' ? asked.like : asked.id
      const one = before.find(({ host, id }) => host === asked.host && id === named)
      written.push(`${asked.host}/${one?.service}: ${onHostInWords(asked, one)}`)
      await judgeOnHost(asked, one, before)
      return answer
    }
  }

  async function judgeOnHost(
    asked: ContainerWrite,
    one: Container | undefined,
    before: readonly Container[],
  ): Promise<void> {
    const key = asked.kind === 'create' ? asked.mark : await newestRun(around)
    const where = `${key} ${asked.kind} ${one?.name}`
    const steps = await signedSteps(key, where)
    if (steps === null) return
    const isPlanned = one !== undefined && steps.includes(one.id)
    const isKept = one?.role === 'kept' && steps.includes(one.sha256)
    if (!one || (!isPlanned && !isKept && one.mark === null)) unsigned.push(`${where}: a stranger`)
    if (asked.kind === 'create' && !steps.includes(asked.image.id)) {
      unsigned.push(`${where}: of another image`)
    }
    const others = before.filter(({ id, host, service }) => {
      return id !== one?.id && host === one?.host && service === one.service
    })
    if (asked.kind === 'remove' && isPlanned && !others.some(answers)) {
      unsigned.push(`${where}: nobody serves in its place`)
    }
  }

  /** What was signed to be done, as one text; `null`: that key is of no plan. */
  async function signedSteps(key: string, where: string): Promise<string | null> {
    const nowMs = around.clock.now()
    const [id = '', name = '', digest = ''] = key.split('/')
    const plan = Number(name.replace('plan-', ''))
    const events = (await around.journal.read(id)).map(({ event }) => event)
    const proposal = events.find((one) => one.type === 'plan-proposed' && one.plan === plan)
    if (proposal?.type !== 'plan-proposed') {
      unsigned.push(`${key} is no plan`)
      return null
    }
    if (!digest || !proposal.proposal.digest.startsWith(digest)) {
      unsigned.push(`${key}: another digest`)
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
    return JSON.stringify(proposal.proposal.steps)
  }

  return { ways, written, cleared, suspended, unsigned, late }
}

/** Whatever the newest run is, its key: what is written beside what it has made names nobody. */
async function newestRun({ journal }: Surroundings): Promise<string> {
  const [id = ''] = await journal.recent(1e14)
  const events = (await journal.read(id)).map(({ event }) => event)
  const run = events.findLast((one) => one.type === 'run-started')
  const plan = run?.type === 'run-started' ? run.plan : 0
  const proposed = events.find((one) => one.type === 'plan-proposed' && one.plan === plan)
  const digest = proposed?.type === 'plan-proposed' ? proposed.proposal.digest.slice(0, 12) : ''
  return `${id}/plan-${plan}/${digest}`
}

/** It is there under some name, and well. */
function answers({ role, state, health }: Container): boolean {
  return role === 'serving' && state === 'running' && health === 'healthy'
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
    case 'variable':
      return `${change.of.name} to ${flagInWords(change.to)}`
    default:
      return change satisfies never
  }
}

function onHostInWords(asked: ContainerWrite, one: Container | undefined): string {
  const version = one?.labels.version
  switch (asked.kind) {
    case 'create':
      return `create ${asked.role} ${ownVersion({ images: [asked.image.reference] })}`
    case 'rename':
      return `rename ${version} to ${asked.name.replace(/[0-9a-f]{12}$/, '…')}`
    case 'start':
    case 'stop':
    case 'remove':
      return `${asked.kind} ${one?.role} ${version}`
    case 'remove-image':
      return `remove image ${asked.name}`
    default:
      return asked satisfies never
  }
}

/** What every story must show, whatever went wrong in it. */
export function wrongIn({ unsigned, cleared, late }: ReturnType<typeof recorder>): string[] {
  const scope = JSON.stringify({ prefixes: ['cache:'], protectedPrefixes: ['sess:'] })
  const elsewhere = cleared.filter((one) => JSON.stringify(one) !== scope)
  return [...unsigned, ...late, ...elsewhere.map((one) => `cleared ${JSON.stringify(one)}`)]
}
