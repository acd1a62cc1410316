import type { Container, ContainerWrite } from '../../../src/ports/containers.ts'
import { sceneOf, swapMove, type Swap, type SwapMove } from '../../../src/runbook/docker/swap.ts'

export const MARK = '20261128-abcd/plan-1'
const PATIENCE = { readyWithinMs: 60_000, settleMs: 10_000 }

const image = (version: string) => ({
  id: `sha256:${version}`,
  digest: null,
  reference: `shop/backend:${version}`,
})
export const BAD = image('v2.0.0')
export const GOOD = image('v1.9.0')

export function container(changes: Partial<Container> = {}): Container {
  return {
    host: 'web-1',
    service: 'backend',
    id: 'aaaaaaaaaaaa0000',
    name: 'shop-backend-1',
    role: 'serving',
    mark: null,
    image: BAD,
    labels: { version: null, commit: null, source: null, authors: null, builtAt: null },
    sha256: 'made-so',
    state: 'running',
    health: 'healthy',
    trouble: null,
    createdAt: '2026-11-28T03:00:00.000Z',
    startedAt: '2026-11-28T03:00:01.000Z',
    runningMs: 600_000,
    restarts: 0,
    restartPolicy: 'always',
    publishesPorts: true,
    stopSeconds: 10,
    aliases: ['shop_default/backend'],
    volumes: [],
    tmpfs: [],
    compose: null,
    madeBy: null,
    dependsOn: [],
    obstacles: [],
    mayNotEnd: [],
    ...changes,
  }
}

export const OLD = container()

export function swap(changes: Partial<Swap> = {}): Swap {
  return {
    service: 'backend',
    host: 'web-1',
    name: OLD.name,
    from: { id: OLD.id, image: OLD.image, sha256: OLD.sha256 },
    to: { image: GOOD },
    like: { id: OLD.id, sha256: OLD.sha256 },
    publishes: true,
    restartPolicy: 'always',
    ...changes,
  }
}

/** How a new container fares once it is started. */
export type Fate = Pick<Container, 'state' | 'health'>

/** What one host makes of a call: as an Engine does, by id, and with each name once. */
export function written(
  seen: readonly Container[],
  write: ContainerWrite,
  fate: Fate,
): readonly Container[] {
  const isTaken = (name: string) => seen.some((one) => one.name === name)
  const change = (id: string, to: Partial<Container>) =>
    seen.map((one) => (one.id === id ? { ...one, ...to } : one))
  switch (write.kind) {
    case 'create': {
      const like = seen.find(({ id, sha256 }) => id === write.like && sha256 === write.sha256)
      if (!like || isTaken(write.name)) return seen
      const { name, role, mark, image: its, variable } = write
      const sha256 = variable ? `${like.sha256}, ${variable.name} ${variable.to}` : like.sha256
      // An id is never used again.
      const id = `${role}-${its.id}-${seen.map((one) => one.id).join().length}`
      const fresh = { state: 'created', runningMs: null, startedAt: null, health: 'none' } as const
      return [...seen, { ...like, id, name, role, mark, image: its, sha256, ...fresh }]
    }
    case 'stop': {
      const { id, next } = write
      if (next && !seen.some((one) => one.id === next.id)) return seen
      return change(id, { state: 'exited', runningMs: null, restartPolicy: 'no' }).map((one) =>
        one.id === next?.id ? { ...one, restartPolicy: next.restartPolicy } : one,
      )
    }
    case 'start': {
      const { restartPolicy, among } = write
      if (among && among.map(standing).toSorted().join() !== seen.map(standing).toSorted().join()) {
        return seen
      }
      const isBad = seen.some(({ id, image: its }) => id === write.id && its.id === BAD.id)
      const runs = isBad ? ({ state: 'running', health: 'healthy' } as const) : fate
      return change(write.id, { ...runs, runningMs: 20_000, restartPolicy })
    }
    case 'rename':
      return isTaken(write.name) ? seen : change(write.id, { name: write.name })
    case 'remove':
      return seen.filter(({ id }) => id !== write.id)
    case 'remove-image':
      return seen
    default:
      return write satisfies never
  }
}

const standing = ({ id, name, state }: Pick<Container, 'id' | 'name' | 'state'>): string =>
  `${id} ${name} ${state}`

export function moveIn(seen: readonly Container[], its: Swap): SwapMove {
  return swapMove(its, sceneOf(its, seen, MARK), MARK, PATIENCE)
}

/** Call after call, until there is none left to make. */
export function carriedOn(seen: readonly Container[], its: Swap, fate: Fate) {
  const calls: ContainerWrite[] = []
  const through = [seen]
  for (let now = seen; calls.length < 30;) {
    const move = moveIn(now, its)
    if (move.kind !== 'write') return { calls, through, now, end: move }
    for (const write of [move.write, ...(move.followedBy ? [move.followedBy] : [])]) {
      calls.push(write)
      now = written(now, write, fate)
      through.push(now)
    }
  }
  throw new Error(`it goes round in circles: ${calls.map(({ kind }) => kind).join()}`)
}

/** Whoever asks for the service by its name is answered. */
export function serves(seen: readonly Container[]): boolean {
  return seen.some(({ name, state, health }) => {
    return name === OLD.name && state === 'running' && health === 'healthy'
  })
}
