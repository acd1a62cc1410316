import { digest } from '../metrics/noise.ts'
import type { SimulatedContainer } from './simulated-container.ts'

/** What a container had written beside its volumes, as an image. */
type Kept = {
  readonly host: string
  readonly service: string
  readonly name: string
  readonly id: string
  readonly atMs: number
}

/** Images that were made on the hosts of what containers had written. */
export function keptChanges(now: () => number) {
  let all: readonly Kept[] = []
  return {
    /** The newest first. */
    on: (host: string): readonly Kept[] => all.filter((one) => one.host === host).toReversed(),
    keep(name: string, { host, id, service }: SimulatedContainer): void {
      const image = `sha256:${digest(`changes of ${id}`)}`
      all = [...all, { host, service: service ?? '', name, id: image, atMs: now() }]
    },
    /** Whether it was there, by that name. */
    forget({ host, id, name }: Pick<Kept, 'host' | 'id' | 'name'>): boolean {
      const others = all.filter((one) => one.host !== host || one.id !== id || one.name !== name)
      const wasThere = others.length < all.length
      all = others
      return wasThere
    },
    reset: (): void => void (all = []),
  }
}
