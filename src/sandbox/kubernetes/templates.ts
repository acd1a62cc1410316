/** A careless release logs it, and nobody is to see it. */
export const password = 'tr0ub4dor'

export const imageOf = (service: string, version: string): string =>
  `pipeshub/${service}:${version}`

/** A pod template as a cluster would hold it. */
export function templateOf(service: string, version: string): unknown {
  return {
    metadata: { labels: { app: service }, annotations: { 'example.com/owner': 'documents' } },
    spec: {
      containers: [
        {
          name: service,
          image: imageOf(service, version),
          env: [
            { name: 'NODE_ENV', value: 'production' },
            { name: 'MONGODB_URI', value: `mongodb://pipeshub:${password}@mongo-0.mongo/pipeshub` },
          ],
          ports: [{ containerPort: 8080 }],
        },
      ],
      terminationGracePeriodSeconds: 30,
    },
  }
}

/** As `kubectl rollout restart` leaves it. */
export function restarted(template: unknown, atMs: number): unknown {
  const { metadata, ...rest } = recordOf(template)
  const { annotations, ...others } = recordOf(metadata)
  const restartedAt = new Date(atMs).toISOString()
  const all = { ...recordOf(annotations), 'kubectl.kubernetes.io/restartedAt': restartedAt }
  return { ...rest, metadata: { ...others, annotations: all } }
}

/** Whatever order their fields are in. */
export function sameTemplate(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other)
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    const isRecord = typeof part === 'object' && part !== null && !Array.isArray(part)
    if (!isRecord) return part
    return Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  })
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
