import type { ContainerWrite } from '../../../ports/containers.ts'
import type { CreateSpec } from '../read/create-spec.ts'
import { hiddenFromCompose, OURS } from '../read/labels.ts'
import type { OwnEndpoint } from '../read/own-networks.ts'
import { inOrderFor } from '../read/own-variables.ts'
import { policyOf } from '../read/restart-policy.ts'
import type { Config } from '../read/schema.ts'

type Create = Extract<ContainerWrite, { kind: 'create' }>

export type CreateBody = {
  readonly body: Readonly<Record<string, unknown>>
  /** Networks that it has to be put into afterwards. */
  readonly later: readonly (readonly [network: string, endpoint: OwnEndpoint])[]
}

export type Wanted = Pick<Create, 'image' | 'service' | 'role' | 'mark' | 'sha256'> & {
  /** Of the image that it is made of. */
  readonly imageConfig: Config
  /** What one like it is to have once it serves. */
  readonly restartPolicy: string
  /** From API 1.44: before, only one can be named. */
  readonly networksAtOnce: 'all' | 'one'
}

/** A container like another one, of another image. Nothing starts it: neither its host nor compose. */
export function createBody(spec: CreateSpec, wanted: Wanted): CreateBody {
  const { image, imageConfig, networksAtOnce } = wanted
  const { mode, endpoints } = spec.networks
  const others = Object.entries(endpoints).filter(([name]) => name !== mode)
  const first = Object.entries(endpoints).filter(
    ([name, endpoint]) =>
      name === mode && (mode !== 'bridge' || Object.keys(endpoint).length > 0 || others.length > 0),
  )
  const isAtOnce = networksAtOnce === 'all'
  const now = isAtOnce ? [...first, ...others] : first
  const later = isAtOnce ? [] : others
  return {
    body: {
      ...spec.config,
      Image: image.id,
      Env: inOrderFor(spec.config.Env, imageConfig.Env),
      Labels: { ...labelsFor(spec, wanted), ...promising(later) },
      HostConfig: { ...spec.hostConfig, NetworkMode: mode, RestartPolicy: policyOf('no') },
      NetworkingConfig: { EndpointsConfig: Object.fromEntries(now) },
    },
    later,
  }
}

function labelsFor(
  { config: { Labels } }: CreateSpec,
  { image, imageConfig, service, role, mark, sha256, restartPolicy }: Wanted,
): Record<string, string> {
  const ours = {
    [OURS.role]: role,
    [OURS.mark]: mark,
    [OURS.service]: service,
    [OURS.image]: image.reference,
  }
  if (role === 'serving') return { ...Labels, ...ours }
  return {
    ...hiddenFromCompose(Labels, imageConfig.Labels),
    ...ours,
    [OURS.sha256]: sha256,
    [OURS.restartPolicy]: restartPolicy,
  }
}

function promising(later: CreateBody['later']): Record<string, string> {
  return later.length === 0 ? {} : { [OURS.networks]: JSON.stringify(Object.fromEntries(later)) }
}
