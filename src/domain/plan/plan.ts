import { z } from 'zod'
import { canonicalJson } from '../text/canonical-json.ts'

/** What a person wants a plan for. */
export const PlanRequest = z.discriminatedUnion('kind', [
  /** Back to this version, or to the last one that ran long enough to be trusted. */
  z.object({ kind: z.literal('kubernetes'), toVersion: z.string().nullable() }),
  z.object({ kind: z.literal('scale-down'), service: z.string() }),
  z.object({ kind: z.literal('restart'), service: z.string() }),
  z.object({ kind: z.literal('clear-cache') }),
  z.object({ kind: z.literal('maintenance'), on: z.boolean() }),
  /** What this incident's plans have suspended works by itself again. */
  z.object({ kind: z.literal('resume') }),
  /** The way back from an earlier plan of the same incident. */
  z.object({ kind: z.literal('undo'), plan: z.int() }),
])
export type PlanRequest = z.infer<typeof PlanRequest>

/** One step as it will be carried out. What `input` holds is known to the step of that `id`. */
export const PlannedStep = z.object({
  id: z.string(),
  /** What it will do, for a person: "Return backend to v1.9.0". */
  title: z.string(),
  /** Exact identities and effects; what two people sign. */
  input: z.json(),
})
export type PlannedStep = z.infer<typeof PlannedStep>

/** One thing that will be different afterwards. */
export const PlannedChange = z.object({ what: z.string(), from: z.string(), to: z.string() })
export type PlannedChange = z.infer<typeof PlannedChange>

/** A procedure resolved against the world. Immutable: another world makes another plan. */
export const Draft = z.object({
  /** In one line: "backend and frontend back to v1.9.0". */
  title: z.string(),
  steps: z.array(PlannedStep).min(1),
  changes: z.array(PlannedChange),
  /** What nobody else may write to meanwhile: `deployment production/backend`. */
  targets: z.array(z.string()).min(1),
  /** How many people have to sign. */
  signatures: z.literal([1, 2]),
  /** Why this target and no other. */
  because: z.string(),
  lost: z.string(),
  /** Whether and how it can itself be undone. */
  undo: z.string(),
  /** What a person should know before signing: who else writes there, what is not rolled back. */
  cautions: z.array(z.string()),
  /** What each service may tell as its version afterwards; left out where the plan does not decide it. */
  versions: z.record(z.string(), z.array(z.string())).optional(),
})
export type Draft = z.infer<typeof Draft>

export const Plan = Draft.extend({
  /** Of identities and effects: the same digest is the same deed. */
  digest: z.string(),
  /** How long it took the last times; `null` when it never ran. */
  expectedMs: z.number().nullable(),
})
export type Plan = z.infer<typeof Plan>

export type Infeasible = { readonly kind: 'infeasible'; readonly because: string }
export type Resolved = { readonly kind: 'feasible'; readonly draft: Draft } | Infeasible

/**
 * What is signed: everything that will be done and to what. Words, cautions and expectations are
 * left out: they may change while the deed stays the same. Equal deeds give equal texts.
 */
export function canonical({ steps, targets, signatures }: Draft): string {
  return canonicalJson({
    schema: 1,
    signatures,
    targets: targets.toSorted(),
    steps: steps.map(({ id, input }) => ({ id, input })),
  })
}

/** What is different now, for the people who signed the plan before. Never empty. */
export function differences(before: Draft, now: Draft): string[] {
  const found = [
    ...before.changes.flatMap((old) => {
      const current = now.changes.find(({ what }) => what === old.what)
      if (!current) return [`${old.what}: is not part of it any more`]
      return [
        ...(current.from === old.from ? [] : [`${old.what}: was ${old.from}, is ${current.from}`]),
        ...(current.to === old.to ? [] : [`${old.what}: would go to ${current.to}, not ${old.to}`]),
      ]
    }),
    ...now.changes
      .filter(({ what }) => before.changes.every((old) => old.what !== what))
      .map(({ what, from, to }) => `${what}: is new in it, from ${from} to ${to}`),
  ]
  return found.length > 0 ? found : ['what looks the same is another object now']
}
