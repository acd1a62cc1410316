import { z } from 'zod'
import { canonicalJson } from '../../domain/text/canonical-json.ts'
import { ownVersion } from '../../domain/workload/versions.ts'

const Named = z.looseObject({ name: z.string() })
const Container = z.looseObject({
  name: z.string(),
  image: z.string().default(''),
  env: z.array(Named).nullish(),
})
type Container = z.infer<typeof Container>

const Containers = z.array(Container).nullish()
const Annotated = z.record(z.string(), z.string()).nullish()
const Template = z.looseObject({
  metadata: z.looseObject({ annotations: Annotated, labels: Annotated }).nullish(),
  spec: z.looseObject({ containers: Containers, initContainers: Containers }),
})
type Template = z.infer<typeof Template>

type Fields = Readonly<Record<string, unknown>>

/** More than so many say no more than their number. */
const MOST = 12

/** When its pods were restarted, what the cluster itself writes, and what the release says of itself. */
const IS_NOISE =
  /^(kubectl\.kubernetes\.io\/restartedAt|pod-template-hash|kubernetes\.io\/change-cause|org\.opencontainers\.image\..*)$/

/** In people's words, where the field's own name is none. */
const FIELD_WORDS: Readonly<Record<string, string>> = {
  args: 'its arguments',
  command: 'its command',
  envFrom: 'where its variables come from',
  imagePullPolicy: 'when its image is pulled',
  livenessProbe: 'its liveness probe',
  ports: 'its ports',
  readinessProbe: 'its readiness probe',
  resources: 'its resources',
  securityContext: 'its security context',
  startupProbe: 'its startup probe',
  volumeMounts: 'its mounts',
  volumes: 'the volumes',
  serviceAccountName: 'the service account',
}

/**
 * What is different after a template took the place of another one, a clause for each thing. Names of
 * variables are told, and no values: a value may be a secret.
 */
export function templateDifferences(from: unknown, to: unknown): readonly string[] {
  const before = Template.safeParse(from)
  const after = Template.safeParse(to)
  if (!before.success || !after.success) return []
  const all = [
    ...containersOf('container', before.data.spec.containers, after.data.spec.containers),
    ...containersOf(
      'init container',
      before.data.spec.initContainers,
      after.data.spec.initContainers,
    ),
    ...podFields(before.data, after.data),
    ...texts('annotation', before.data.metadata?.annotations, after.data.metadata?.annotations),
    ...texts('label', before.data.metadata?.labels, after.data.metadata?.labels),
  ]
  const more = all.length - MOST
  return more > 1 ? [...all.slice(0, MOST), `and ${more} more`] : all
}

function containersOf(
  what: 'container' | 'init container',
  before: Template['spec']['containers'],
  after: Template['spec']['containers'],
): readonly string[] {
  return changesByName(before ?? [], after ?? []).flatMap(({ name, old, now }) => {
    if (!now) return [`${what} ${name} is gone`]
    if (!old) return [`${what} ${name} is there again, ${imageWord(now)}`]
    const image = old.image === now.image ? [] : [`image ${imageWord(old)} → ${imageWord(now)}`]
    const others = [...image, ...variables(old, now), ...fields(old, now, ['name', 'image', 'env'])]
    return others.map((one) => `${what} ${name}: ${one}`)
  })
}

/** Which of them the image is called by; two of one name are told apart by where they come from. */
function imageWord({ image }: Container): string {
  return ownVersion({ images: [image] })
}

function variables(old: Container, now: Container): readonly string[] {
  return changesByName(old.env ?? [], now.env ?? []).map(({ name, old: was, now: is }) => {
    if (!is) return `variable ${name} is not set any more`
    return was ? `variable ${name} has another value` : `variable ${name} is set again`
  })
}

function podFields(before: Template, after: Template): readonly string[] {
  return fields(before.spec, after.spec, ['containers', 'initContainers']).map(
    (one) => `pods: ${one}`,
  )
}

function fields(old: Fields, now: Fields, known: readonly string[]): readonly string[] {
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].toSorted()
  return names
    .filter((name) => !known.includes(name) && !isSame(old[name], now[name]))
    .map((name) => fieldInWords(FIELD_WORDS[name] ?? name, now[name] === undefined))
}

function fieldInWords(field: string, isGone: boolean): string {
  const areMany = /^(its|the) \w+s$/.test(field)
  if (isGone) return `${field} ${areMany ? 'are' : 'is'} gone`
  return `${field} ${areMany ? 'differ' : 'differs'}`
}

function texts(
  what: 'annotation' | 'label',
  old: Readonly<Record<string, string>> | null | undefined,
  now: Readonly<Record<string, string>> | null | undefined,
): readonly string[] {
  const [before, after] = [old ?? {}, now ?? {}]
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted()
  return names
    .filter((name) => !IS_NOISE.test(name) && before[name] !== after[name])
    .map((name) => `${what} ${name} ${after[name] === undefined ? 'is gone' : 'differs'}`)
}

function changesByName<One extends { readonly name: string }>(
  before: readonly One[],
  after: readonly One[],
): readonly { readonly name: string; readonly old?: One; readonly now?: One }[] {
  const names = [...new Set([...before, ...after].map(({ name }) => name))]
  return names.flatMap((name) => {
    const old = before.find((one) => one.name === name)
    const now = after.find((one) => one.name === name)
    return isSame(old, now) ? [] : [{ name, ...(old ? { old } : {}), ...(now ? { now } : {}) }]
  })
}

function isSame(one: unknown, other: unknown): boolean {
  return canonicalJson(one ?? null) === canonicalJson(other ?? null)
}
