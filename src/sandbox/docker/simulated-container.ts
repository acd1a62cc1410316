import type { ImageId } from '../../ports/containers.ts'
import type { Sharer } from '../../ports/sharers.ts'
import type { Run } from './container-life.ts'
import { imageId } from './images.ts'
import type { Specification } from './specification.ts'

export type SimulatedContainer = {
  readonly host: string
  /** `null`: it belongs to none of the settings. */
  readonly service: string | null
  /** Of its image; `null`: it is none of the services' own. */
  readonly version: string | null
  readonly id: string
  readonly name: string
  readonly role: 'serving' | 'kept'
  readonly mark: string | null
  readonly image: ImageId
  readonly specification: Specification
  /** What the host goes by. */
  readonly restartPolicy: string
  /** What a kept one remembers for those that are made like it. */
  readonly keptPolicy: string | null
  readonly createdAtMs: number
  /** `Infinity`: it is there. */
  readonly removedAtMs: number
  readonly runs: readonly Run[]
  /** Of which other one it shares what; left out: of none. */
  readonly shares?: { readonly with: string; readonly what: Sharer['what'] }
}

export type NewContainer = Pick<
  SimulatedContainer,
  'host' | 'service' | 'name' | 'image' | 'specification' | 'restartPolicy'
> &
  Partial<
    Pick<
      SimulatedContainer,
      'role' | 'mark' | 'keptPolicy' | 'createdAtMs' | 'removedAtMs' | 'runs' | 'shares'
    >
  >

export function existsAt(
  { createdAtMs, removedAtMs }: Pick<SimulatedContainer, 'createdAtMs' | 'removedAtMs'>,
  atMs: number,
): boolean {
  return createdAtMs <= atMs && atMs < removedAtMs
}

/** What runs on a host beside the services, and is nobody's business here. */
export function strangerOn(host: string, sinceMs: number): NewContainer {
  const labels = { 'example.com/owner': 'infrastructure' }
  const nothing = { aliases: [], volumes: [], dependsOn: [], obstacles: [] }
  const restartPolicy = 'always'
  return {
    host,
    service: null,
    name: `${host}-node-exporter`,
    image: imageId('prom/node-exporter:v1.8.2'),
    specification: { ...nothing, environment: {}, labels, ports: ['9100:9100'], stopSeconds: 10 },
    restartPolicy,
    createdAtMs: sinceMs,
    runs: [{ startedAtMs: sinceMs, endedAtMs: Infinity, restartPolicy }],
  }
}
