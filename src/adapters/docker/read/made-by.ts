import { keepNewest } from '../../../domain/base/keep-newest.ts'
import type { Happening } from '../../../ports/containers.ts'
import { OURS, type Labels } from './labels.ts'

const COMPOSE = 'docker compose'

/** What made a container, as far as its labels tell; `null`: they do not. */
export function makerIn(labels: Labels, imageId: string): string | null {
  if (labels[OURS.mark] !== undefined) return 'Backout'
  // Since its second version compose writes there what it made it from.
  const composed = labels['com.docker.compose.image']
  if (composed === undefined) return null
  return composed === imageId ? COMPOSE : 'what copies containers, as Watchtower does'
}

/** Compose puts one aside, or makes one, under the beginning of an id and the name. */
const OF_COMPOSE = /^[0-9a-f]{12}_/

const TOGETHER_MS = 60_000
const MOST_KNOWN = 1_000

/** What made containers, as far as what happens on their hosts tells. */
export function makersSeen() {
  const makers = new Map<string, string>()
  const putAside = new Map<string, number>()

  return {
    of: (id: string): string | null => makers.get(id) ?? null,
    see({ host, service, id, name, kind, at }: Happening): void {
      const place = `${host} ${service}`
      const ms = Date.parse(at)
      if (kind === 'renamed' && OF_COMPOSE.test(name)) putAside.set(place, ms)
      if (kind !== 'made') return
      const sincePutAside = ms - (putAside.get(place) ?? -Infinity)
      if (OF_COMPOSE.test(name) || sincePutAside <= TOGETHER_MS) {
        keepNewest(makers, [id, COMPOSE], MOST_KNOWN)
      }
    },
  }
}
