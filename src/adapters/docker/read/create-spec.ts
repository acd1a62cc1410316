import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { canonicalJson } from '../../../domain/text/canonical-json.ts'
import { isComposeLabel, lastingLabels, othersLabels } from './labels.ts'
import { isNamed, ownMounts } from './own-mounts.ts'
import { ownNetworks, type OwnNetworks } from './own-networks.ts'
import { ownVariables } from './own-variables.ts'
import type { Config, HostConfig, Inspected } from './schema.ts'

/**
 * All that a container was created with beside its image and the image's own defaults: not its name, restart policy,
 * ids, nor labels of ours. A kept one says what it was made like.
 */
export type CreateSpec = {
  readonly config: Readonly<Record<string, unknown>> & Pick<Config, 'Env' | 'Labels'>
  readonly hostConfig: Readonly<Record<string, unknown>> & Pick<HostConfig, 'Mounts'>
  readonly networks: OwnNetworks
}

/** What is the image's own, or says only what an instance was given by its host, would be wrong for a successor. */
export function createSpec(container: Inspected, image: Config): CreateSpec {
  const { Config: config, HostConfig: host } = container
  const { Image: _, Hostname, User, WorkingDir, StopSignal, ...rest } = config
  const {
    Cmd: __,
    Entrypoint: ___,
    Healthcheck: ____,
    Volumes: _____,
    OnBuild: ______,
    ...kept
  } = rest
  const { RestartPolicy: _r, ContainerIDFile: _c, NetworkMode: _n, ...hostRest } = host
  const networks = ownNetworks(container)
  return {
    config: {
      ...kept,
      ...unlessSame({ User, WorkingDir, StopSignal }, image),
      ...hostnameOf(container, Hostname),
      ...commandOf(config, image),
      ...healthcheckOf(config, image),
      Env: [...ownVariables(config.Env, image.Env)],
      Labels: labelsOf(config, image),
      ExposedPorts: portsOf(container, image),
      Volumes: volumesOf(container, image),
    },
    hostConfig: { ...hostRest, ...ownMounts(container) },
    networks,
  }
}

/**
 * The order of variables and of aliases means nothing, and neither does what is empty, nor which volume it got that
 * nobody gave a name.
 */
export function sha256Of({ config, hostConfig, networks }: CreateSpec): string {
  const { mode, endpoints } = networks
  const sorted = Object.entries(endpoints).map(([name, { Aliases, ...endpoint }]) => [
    name,
    { ...endpoint, Aliases: Aliases?.toSorted() },
  ])
  const Labels = lastingLabels(config.Labels)
  const said = {
    config: withoutEmpty({ ...config, Labels, Env: config.Env.toSorted() }),
    hostConfig: withoutEmpty({ ...hostConfig, Mounts: hostConfig.Mounts.filter(isNamed) }),
    networks: { mode, endpoints: Object.fromEntries(sorted) },
  }
  return createHash('sha256').update(canonicalJson(said)).digest('hex')
}

function withoutEmpty(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)))
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

function unlessSame(
  own: Readonly<Record<'User' | 'WorkingDir' | 'StopSignal', string>>,
  image: Config,
): Record<string, string> {
  const fields = ['User', 'WorkingDir', 'StopSignal'] as const
  return Object.fromEntries(
    fields
      .filter((field) => own[field] !== '' && own[field] !== image[field])
      .map((field) => [field, own[field]]),
  )
}

/** One that nobody asked for is the beginning of its id; one that shares its host's name must not ask for any. */
function hostnameOf({ Id, HostConfig }: Inspected, hostname: string): { Hostname?: string } {
  const isGiven = hostname !== '' && hostname !== Id.slice(0, 12)
  return isGiven && HostConfig.UTSMode !== 'host' ? { Hostname: hostname } : {}
}

/** A command is the image's own only under the image's own entrypoint. */
function commandOf({ Cmd, Entrypoint }: Config, image: Config): Record<string, readonly string[]> {
  const isForgotten = Cmd.length === 0 && image.Cmd.length > 0
  if (isDeepStrictEqual(Entrypoint, image.Entrypoint) && !(isForgotten && Entrypoint.length > 0)) {
    return isDeepStrictEqual(Cmd, image.Cmd) ? {} : { Cmd }
  }
  // An empty one is asked for as one empty word: no word at all would mean the image's.
  return { Entrypoint: Entrypoint.length === 0 ? [''] : Entrypoint, Cmd }
}

/** Of a check with the image's own test only what differs was given; the image's next test may take other times. */
function healthcheckOf({ Healthcheck: own }: Config, image: Config): { Healthcheck?: unknown } {
  const of = image.Healthcheck
  if (own === null || isDeepStrictEqual(own, of)) return {}
  if (own.Test[0] === 'NONE') return { Healthcheck: { Test: own.Test } }
  if (of === null || !isDeepStrictEqual(own.Test, of.Test)) return { Healthcheck: own }
  const given = Object.entries(own).filter(([key, value]) => !isDeepStrictEqual(value, of[key]))
  return { Healthcheck: Object.fromEntries(given) }
}

/** What compose has written is compose's, also where the image that it built says the same. */
function labelsOf({ Labels }: Config, image: Config): Record<string, string> {
  const own = Object.entries(othersLabels(Labels)).filter(
    ([name, value]) => isComposeLabel(name) || image.Labels[name] !== value,
  )
  return Object.fromEntries(own)
}

/** One that is published has to be there, whatever the next image says. */
function portsOf(
  { Config: config, HostConfig }: Inspected,
  image: Config,
): Record<string, unknown> {
  const own = Object.entries(config.ExposedPorts).filter(
    ([port]) => !(port in image.ExposedPorts) || port in HostConfig.PortBindings,
  )
  return Object.fromEntries(own)
}

/** Where nothing is mounted yet: everything else is named by {@link ownMounts}. */
function volumesOf({ Config: config, Mounts }: Inspected, image: Config): Record<string, unknown> {
  const mounted = new Set(Mounts.map(({ Destination }) => Destination))
  const own = Object.entries(config.Volumes).filter(
    ([path]) => !(path in image.Volumes) && !mounted.has(path),
  )
  return Object.fromEntries(own)
}
