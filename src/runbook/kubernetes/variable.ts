import { z } from 'zod'
import type { FlagValue } from '../../domain/plan/flag-value.ts'
import type { VariablePlace } from '../../ports/deployments.ts'

const Source = z.looseObject({
  configMapKeyRef: z.looseObject({ name: z.string() }).optional(),
  secretKeyRef: z.looseObject({ name: z.string() }).optional(),
})
const Template = z.looseObject({
  spec: z.looseObject({
    containers: z.array(
      z.looseObject({
        name: z.string(),
        image: z.string().default(''),
        env: z
          .array(
            z.looseObject({
              name: z.string(),
              value: z.string().default(''),
              valueFrom: Source.nullish(),
            }),
          )
          .nullish(),
        envFrom: z.array(z.unknown()).nullish(),
      }),
    ),
  }),
})

export type VariableSeen =
  | {
      readonly kind: 'found'
      readonly of: VariablePlace
      readonly value: FlagValue
      /** What is not set by an entry of its own may still come from a whole ConfigMap. */
      readonly mayComeFromElsewhere: boolean
    }
  | { readonly kind: 'problem'; readonly because: string }

/** What a template sets this variable to. `container`: its name, or else the one that runs the service's image. */
export function variableIn(
  template: unknown,
  name: string,
  container: { readonly name: string | undefined; readonly image: string | undefined },
): VariableSeen {
  const parsed = Template.safeParse(template)
  if (!parsed.success) return problem('its template cannot be read')
  const { containers } = parsed.data.spec
  const at = containers.findIndex((one) =>
    container.name === undefined ? one.image === container.image : one.name === container.name,
  )
  const found = containers[at]
  if (!found) {
    const names = containers.map((one) => one.name).join(', ')
    return problem(`it has no container ${container.name ?? 'of its own image'}, only ${names}`)
  }
  const entries = found.env ?? []
  const own = entries.flatMap((entry, index) => (entry.name === name ? [{ entry, index }] : []))
  const [first, second] = own
  if (second) return problem(`container ${found.name} sets ${name} twice`)
  if (first?.entry.valueFrom) {
    return problem(`${name} is not set there, but read from ${sourceOf(first.entry.valueFrom)}`)
  }
  return {
    kind: 'found',
    value: first?.entry.value ?? null,
    mayComeFromElsewhere: !first && (found.envFrom?.length ?? 0) > 0,
    of: {
      name,
      container: { at, name: found.name },
      entry: first ? { at: first.index, value: first.entry.value } : null,
      hasEntries: entries.length > 0,
    },
  }
}

function problem(because: string): VariableSeen {
  return { kind: 'problem', because }
}

function sourceOf({ configMapKeyRef, secretKeyRef }: z.infer<typeof Source>): string {
  if (configMapKeyRef) return `ConfigMap ${configMapKeyRef.name}`
  return secretKeyRef ? `Secret ${secretKeyRef.name}` : 'elsewhere'
}
