import { z } from 'zod'

const Ref = z.looseObject({ name: z.string().default(''), optional: z.boolean().nullish() })
const KeyRef = Ref.extend({ key: z.string().default('') })
const MapVolume = Ref.extend({
  items: z.array(z.looseObject({ key: z.string() })).nullish(),
})
const Container = z.looseObject({
  env: z
    .array(
      z.looseObject({
        name: z.string(),
        valueFrom: z.looseObject({ configMapKeyRef: KeyRef.optional() }).nullish(),
      }),
    )
    .nullish(),
  envFrom: z
    .array(z.looseObject({ prefix: z.string().default(''), configMapRef: Ref.optional() }))
    .nullish(),
})
const Template = z.looseObject({
  spec: z.looseObject({
    containers: z.array(Container),
    initContainers: z.array(Container).nullish(),
    volumes: z
      .array(
        z.looseObject({
          configMap: MapVolume.nullish(),
          projected: z
            .looseObject({
              sources: z.array(z.looseObject({ configMap: MapVolume.optional() })).nullish(),
            })
            .nullish(),
        }),
      )
      .nullish(),
  }),
})

/** One way by which pods get a key of a ConfigMap. */
type Source = {
  readonly configMap: string
  /** It gets this key. */
  readonly reads: boolean
  /** Without this key no pod starts. */
  readonly needs: boolean
}

/** How the pods of a template refer to ConfigMaps; `null`: the template cannot be read. */
export function sourcesIn(template: unknown, key: string): readonly Source[] | null {
  const parsed = Template.safeParse(template)
  if (!parsed.success) return null
  const { containers, initContainers, volumes } = parsed.data.spec
  const all = [...(initContainers ?? []), ...containers]
  const maps = (volumes ?? []).flatMap(({ configMap, projected }) => [
    configMap ?? [],
    ...(projected?.sources ?? []).map((source) => source.configMap ?? []),
  ])
  return [
    ...all.flatMap((container) => sourcesOf(container, key)),
    ...maps.flat().map(({ name, optional, items }): Source => {
      const named = (items ?? []).some((item) => item.key === key)
      const reads = !items || items.length === 0 || named
      return { configMap: name, reads, needs: named && optional !== true }
    }),
  ]
}

function sourcesOf({ env, envFrom }: z.infer<typeof Container>, key: string): readonly Source[] {
  const entries = env ?? []
  const own = entries.flatMap(({ valueFrom }): Source[] => {
    const ref = valueFrom?.configMapKeyRef
    if (!ref) return []
    const reads = ref.key === key
    return [{ configMap: ref.name, reads, needs: reads && ref.optional !== true }]
  })
  const whole = (envFrom ?? []).flatMap(({ prefix, configMapRef }): Source[] => {
    if (!configMapRef) return []
    // An entry of its own overrules what a whole ConfigMap brings in.
    const reads = entries.every(({ name }) => name !== `${prefix}${key}`)
    return [{ configMap: configMapRef.name, reads, needs: false }]
  })
  return [...own, ...whole]
}

/** A service, and what its pods are made of. */
type Reader = { readonly service: string; readonly template: unknown }

export type ConfigMapRead =
  | { readonly kind: 'found'; readonly configMap: string }
  | { readonly kind: 'problem'; readonly because: string }

/** The one ConfigMap from which all of these get the key, which may be called as it is with a hash after it. */
export function configMapRead(
  { configMap, key }: { readonly configMap: string; readonly key: string },
  readers: readonly Reader[],
): ConfigMapRead {
  const found = readers.map(({ service, template }) => {
    const sources = sourcesIn(template, key)
    const named = sources?.filter((one) => isCalled(one.configMap, configMap)) ?? []
    const names = namesOf(named.filter(({ reads }) => reads))
    return { service, sources, named, names }
  })
  const without = found.filter(({ names }) => names.length === 0)
  if (without.length > 0) {
    const because = without.map((one) => whyNone(one, { configMap, key })).join('; ')
    return { kind: 'problem', because }
  }
  const [only = configMap, ...others] = [...new Set(found.flatMap(({ names }) => names))]
  if (others.length === 0) return { kind: 'found', configMap: only }
  const each = found.map(({ service, names }) => `${service} reads ${names.join(' and ')}`)
  return {
    kind: 'problem',
    because: `several ConfigMaps may be meant by ${configMap}: ${each.join(', ')}`,
  }
}

function whyNone(
  {
    service,
    sources,
    named,
  }: {
    readonly service: string
    readonly sources: readonly Source[] | null
    readonly named: readonly Source[]
  },
  { configMap, key }: { readonly configMap: string; readonly key: string },
): string {
  if (sources === null) return `${service}: its template cannot be read`
  if (named.length > 0) {
    const names = namesOf(named).join(' and ')
    return `${service}: its pods refer to ConfigMap ${names}, and do not get ${key} from it`
  }
  const others = namesOf(sources)
  const none = `${service}: its pods refer to no ConfigMap ${configMap}`
  return others.length === 0
    ? `${none}, nor to any other`
    : `${none}, but to ${others.join(' and ')}`
}

function namesOf(sources: readonly Source[]): readonly string[] {
  return [...new Set(sources.map(({ configMap }) => configMap))]
}

/** What kustomize puts after a name, or cdk8s: ten letters of a SHA-256 without vowels, or a few hexadecimal ones. */
const HASHES = [
  /^[2456789bcdfghkmt]{10}$/,
  /^(?=.*\d)[2-9bcdfghjklmnpqrstvwxz]{5,9}$/,
  /^(?=.*\d)[0-9a-f]{8}$/,
]

/** Whether this is the name, or the name with a hash of its content after it. */
function isCalled(name: string, wanted: string): boolean {
  if (name === wanted) return true
  if (!name.startsWith(`${wanted}-`)) return false
  const rest = name.slice(wanted.length + 1)
  return HASHES.some((hash) => hash.test(rest))
}
