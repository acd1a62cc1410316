import { canonicalJson } from '../../domain/text/canonical-json.ts'
import { digest } from '../metrics/noise.ts'
import { FLAG, type Production } from '../production.ts'
import { commitOf, imageOf, password } from '../release.ts'

/** A pod template as a cluster would hold it. `flag`: the entry of a variable that this version brought. */
export function templateOf(service: string, version: string, flag: unknown = null): unknown {
  return {
    metadata: {
      labels: { app: service },
      annotations: {
        'example.com/owner': 'documents',
        'org.opencontainers.image.revision': commitOf(version),
      },
    },
    spec: {
      containers: [
        {
          name: service,
          image: imageOf(service, version),
          env: [
            { name: 'NODE_ENV', value: 'production' },
            { name: 'MONGODB_URI', value: `mongodb://pipeshub:${password}@mongo-0.mongo/pipeshub` },
            ...(flag === null ? [] : [flag]),
          ],
          ports: [{ containerPort: 8080 }],
        },
      ],
      terminationGracePeriodSeconds: 30,
    },
  }
}

/**
 * As the pipeline of this production makes it: the bad version of the backend may have brought a flag, which is
 * read from that ConfigMap where there is one.
 */
export function templateIn(
  { version: bad, causedByFlag }: Pick<Production, 'version' | 'causedByFlag'>,
  service: string,
  version: string,
  flagFrom: string | null,
): unknown {
  const isFlagged = causedByFlag && service === 'backend' && version === bad
  if (!isFlagged) return templateOf(service, version)
  const source = { configMapKeyRef: { name: flagFrom, key: FLAG, optional: true } }
  const where = flagFrom === null ? { value: 'true' } : { valueFrom: source }
  return templateOf(service, version, { name: FLAG, ...where })
}

/** As `kubectl rollout restart` leaves it. */
export function restarted(template: unknown, atMs: number): unknown {
  const { metadata, ...rest } = recordOf(template)
  const { annotations, ...others } = recordOf(metadata)
  const restartedAt = new Date(atMs).toISOString()
  const all = { ...recordOf(annotations), 'kubectl.kubernetes.io/restartedAt': restartedAt }
  return { ...rest, metadata: { ...others, annotations: all } }
}

/** One variable of the container at that place is set, or not there any more. */
export function withVariable(
  template: unknown,
  { name, container }: { readonly name: string; readonly container: { readonly at: number } },
  to: string | null,
): unknown {
  const { spec, ...rest } = recordOf(template)
  const { containers, ...pods } = recordOf(spec)
  const all = listOf(containers).map((one, at) => {
    if (at !== container.at) return one
    const { env, ...others } = recordOf(one)
    const kept = listOf(env).filter((entry) => recordOf(entry)['name'] !== name)
    const before = listOf(env).findIndex((entry) => recordOf(entry)['name'] === name)
    const index = before < 0 ? kept.length : before
    const entries = to === null ? kept : kept.toSpliced(index, 0, { name, value: to })
    return { ...others, env: entries }
  })
  return { ...rest, spec: { ...pods, containers: all } }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Whether new pods are all that makes them two. */
export function sameButRestarted(one: unknown, other: unknown): boolean {
  return sameTemplate(restarted(one, 0), restarted(other, 0))
}

/** Whatever order their fields are in. */
export function sameTemplate(one: unknown, other: unknown): boolean {
  return canonicalJson(one) === canonicalJson(other)
}

/** The same for the same template. */
export function contentOf(template: unknown): string {
  return digest(canonicalJson(template))
}

const SIDECAR = { name: 'proxy', image: 'proxy:v3' }

/** As admission hands it on, where it adds a sidecar to whatever is written. */
export function withSidecar(template: unknown): unknown {
  const { spec, ...rest } = recordOf(template)
  const { containers, ...pods } = recordOf(spec)
  const own: unknown[] = Array.isArray(containers) ? containers : []
  const others = own.filter((one) => recordOf(one)['name'] !== SIDECAR.name)
  return { ...rest, spec: { ...pods, containers: [...others, SIDECAR] } }
}

/** As somebody leaves it who edits by hand what is kept. */
export function edited(template: unknown): unknown {
  const { spec, ...rest } = recordOf(template)
  return { ...rest, spec: { ...recordOf(spec), serviceAccountName: 'somebody' } }
}

/** As evidence shows it: the names of the variables, and no values. */
export function withoutValues(template: unknown): unknown {
  const text = JSON.stringify(template, (key, part: unknown) =>
    key === 'env' && Array.isArray(part)
      ? part.map((one: unknown) => ({ ...recordOf(one), value: '[redacted]' }))
      : part,
  )
  return JSON.parse(text)
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
