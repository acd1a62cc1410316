import { isDeepStrictEqual } from 'node:util'
import { labelDifferences } from './like-labels.ts'
import { mountDifferences } from './like-mounts.ts'
import { endpointDifferences, isModeOf, PROMISED, promisedNetworks } from './like-networks.ts'
import { isEmpty, isFields, isSame } from './sameness.ts'
import type { Fields, Inspected } from './schema.ts'

/** A container that a new one may be like, with what its own image says of itself. */
export type Like = {
  readonly seen: Inspected
  readonly image: Fields
  /** Variables by which one that serves may differ from it, each with the values that it may have then. */
  readonly mayBecome?: Readonly<Record<string, readonly string[]>>
}

/**
 * Fields that are asked for even where the Engine does not tell them. Every other key has to be one that it tells of
 * the very container: it reads `binds` and `BINDS` as `Binds`.
 */
const CONFIG_KEYS = words(
  'User Env Cmd Entrypoint WorkingDir Labels Volumes ExposedPorts Healthcheck StopSignal Hostname Tty StopTimeout Image',
)
const HOST_KEYS = words(
  'Binds Mounts NetworkMode IpcMode PidMode UTSMode UsernsMode PortBindings PublishAllPorts RestartPolicy AutoRemove VolumesFrom Links LogConfig',
)

/** Fields of which only what the container was given has to be asked for again, and never anything else. */
const CONFIG_RULES: Readonly<
  Record<string, (asked: unknown, like: Like, body: Fields) => boolean>
> = {
  Image: (asked) => typeof asked === 'string' && /^sha256:[0-9a-f]{64}$/.test(asked),
  Env: isSameEnvironment,
  User: isSameOrImages('User'),
  WorkingDir: isSameOrImages('WorkingDir'),
  StopSignal: isSameOrImages('StopSignal'),
  Hostname: isSameHostname,
  Entrypoint: isSameEntrypoint,
  Cmd: isSameCommand,
  Healthcheck: isSameCheck,
  ExposedPorts: (asked, { seen, image }) =>
    isPartOf(asked, seen.Config['ExposedPorts'], image['ExposedPorts']),
  Volumes: (asked, { seen: { Config: config } }) =>
    isPartOf(asked, config['Volumes'], config['Volumes']),
}

/**
 * What a request for a new container asks for that is not as in this one, beside its image and labels of ours: the
 * names of the fields, and never what is in them. An empty list: nothing.
 */
export function differences(body: Fields, like: Like): readonly string[] {
  const { HostConfig: host = {}, NetworkingConfig: networking = {}, ...config } = body
  const { Labels: _, ...own } = like.seen.Config
  if (!isFields(host) || !isFields(networking)) return ['HostConfig']
  return [
    ...configDifferences(config, own, like),
    ...labelDifferences(config['Labels'], like.seen.Config.Labels, like.image['Labels']),
    ...hostDifferences(host, like.seen),
    ...networkingDifferences(networking, like.seen),
    ...promisedDifferences(config['Labels'], like.seen),
  ]
}

function configDifferences(config: Fields, own: Fields, like: Like): readonly string[] {
  const known = new Set([...CONFIG_KEYS, ...Object.keys(own)])
  const keys = new Set([...Object.keys(config), ...known])
  keys.delete('Labels')
  return [...keys].filter((key) => {
    if (!known.has(key)) return true
    const asked = config[key]
    const rule = Object.hasOwn(CONFIG_RULES, key) ? CONFIG_RULES[key] : undefined
    if (rule) return !rule(asked, like, config)
    return !isSame(asked, own[key]) && !(isEmpty(asked) && isSame(own[key], like.image[key]))
  })
}

function hostDifferences(host: Fields, seen: Inspected): readonly string[] {
  const own = seen.HostConfig
  const known = new Set([...HOST_KEYS, ...Object.keys(own)])
  const keys = new Set([...Object.keys(host), ...known])
  const elsewhere = new Set(['Binds', 'Mounts', 'NetworkMode', 'RestartPolicy', 'ContainerIDFile'])
  const others = [...keys].filter((key) => {
    if (!known.has(key)) return true
    return !elsewhere.has(key) && !isSame(host[key], own[key])
  })
  return [
    ...others,
    ...mountDifferences(host, seen),
    ...(isModeOf(host['NetworkMode'], seen) ? [] : ['NetworkMode']),
    // It gets its own when it is started.
    ...(isDeepStrictEqual(host['RestartPolicy'], { Name: 'no', MaximumRetryCount: 0 })
      ? []
      : ['RestartPolicy']),
    ...(isEmpty(host['ContainerIDFile']) ? [] : ['ContainerIDFile']),
  ].map((key) => `HostConfig.${key}`)
}

function networkingDifferences(networking: Fields, seen: Inspected): readonly string[] {
  const { EndpointsConfig: endpoints = {}, ...rest } = networking
  if (!isFields(endpoints) || Object.keys(rest).length > 0) return ['NetworkingConfig']
  return Object.entries(endpoints).flatMap(([network, asked]) =>
    endpointDifferences(network, asked, seen).map((key) => `NetworkingConfig.${key}`),
  )
}

/** What it says it will be put into later is what it is put into, by whoever reads it then. */
function promisedDifferences(labels: unknown, seen: Inspected): readonly string[] {
  const promised = promisedNetworks(isFields(labels) ? labels[PROMISED] : undefined)
  return Object.entries(promised).flatMap(([network, asked]) =>
    endpointDifferences(network, asked, seen).map((key) => `Labels.${PROMISED}.${key}`),
  )
}

function isSameEnvironment(
  asked: unknown,
  { seen, image, mayBecome = {} }: Like,
  { Labels }: Fields,
): boolean {
  const own = variables(seen.Config['Env'])
  const wanted = variables(asked)
  const ofImage = variables(image['Env'])
  if (!own || !wanted || !ofImage) return false
  // One that is kept is to lead back: it is as the other one in everything.
  const serves = isFields(Labels) && Labels['backout.role'] === 'serving'
  const mayBe = (name: string, variable: string): boolean =>
    serves && Object.hasOwn(mayBecome, name) && isNamed(mayBecome[name] ?? [], name, variable)
  return (
    [...wanted].every(([name, value]) => own.get(name) === value || mayBe(name, value)) &&
    [...own].every(([name, value]) => wanted.has(name) || ofImage.get(name) === value)
  )
}

function isNamed(values: readonly string[], name: string, variable: string): boolean {
  return values.some((value) => variable === `${name}=${value}`)
}

/** By their names; of two of one name the last is in force. `null`: that is no list of them. */
function variables(list: unknown): ReadonlyMap<string, string> | null {
  if (isEmpty(list)) return new Map()
  if (!Array.isArray(list) || !list.every((one) => typeof one === 'string')) return null
  return new Map(list.map((one) => [one.split('=', 1)[0] ?? '', one]))
}

function isSameOrImages(key: string) {
  return (asked: unknown, { seen, image }: Like): boolean => {
    const own = seen.Config[key]
    return isSame(asked, own) || (isEmpty(asked) && isSame(own, image[key]))
  }
}

/** One that nobody asked for is the beginning of its id, or its host's own. */
function isSameHostname(asked: unknown, { seen }: Like): boolean {
  const own = seen.Config['Hostname']
  if (!isEmpty(asked)) return asked === own
  return isEmpty(own) || own === seen.Id.slice(0, 12) || seen.HostConfig['UTSMode'] === 'host'
}

/** None at all is asked for as one empty word. */
function isSameEntrypoint(asked: unknown, { seen, image }: Like): boolean {
  const own = seen.Config['Entrypoint']
  if (isDeepStrictEqual(asked, [''])) return isEmpty(own)
  return isEmpty(asked) ? isSame(own, image['Entrypoint']) : isSame(asked, own)
}

/** The image's own goes with its own entrypoint alone. */
function isSameCommand(asked: unknown, { seen, image }: Like, body: Fields): boolean {
  const own = seen.Config['Cmd']
  if (isSame(asked, own)) return true
  return isEmpty(asked) && isEmpty(body['Entrypoint']) && isSame(own, image['Cmd'])
}

function isSameCheck(asked: unknown, { seen, image }: Like): boolean {
  const own = seen.Config['Healthcheck']
  if (isSame(asked, own)) return true
  const [wanted, had, ofImage] = [asked ?? {}, own ?? {}, image['Healthcheck'] ?? {}]
  if (!isFields(wanted) || !isFields(had) || !isFields(ofImage)) return false
  const isOff = isDeepStrictEqual(wanted, { Test: ['NONE'] })
  if (isOff) return isDeepStrictEqual(had['Test'], ['NONE'])
  return (
    Object.entries(wanted).every(
      ([key, value]) => Object.hasOwn(had, key) && isSame(value, had[key]),
    ) && Object.entries(had).every(([key, value]) => key in wanted || isSame(value, ofImage[key]))
  )
}

function isPartOf(asked: unknown, own: unknown, mayBeLeftOut: unknown): boolean {
  const [wanted, had, optional] = [asked ?? {}, own ?? {}, mayBeLeftOut ?? {}]
  if (!isFields(wanted) || !isFields(had) || !isFields(optional)) return false
  return (
    Object.entries(wanted).every(
      ([key, value]) => Object.hasOwn(had, key) && isSame(value, had[key]),
    ) && Object.keys(had).every((key) => Object.hasOwn(wanted, key) || Object.hasOwn(optional, key))
  )
}

function words(text: string): readonly string[] {
  return text.split(' ')
}
