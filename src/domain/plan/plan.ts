import { z } from 'zod'
import { ComparedChange } from '../workload/newest-change.ts'
import { SignatureRules } from './signature-rule.ts'

/** One step as it will be carried out. What `input` holds is known to the step of that `id`. */
export const PlannedStep = z.object({
  id: z.string(),
  /** What it will do, for a person: "Return backend to v1.9.0". */
  title: z.string(),
  /** Exact identities and effects; what people sign. */
  input: z.json(),
  /** What the plan is for does not hang on it: when it cannot be done, that is said, and the rest goes on. */
  beside: z.boolean().optional(),
  /**
   * The id of an earlier step. When that one failed and left nothing behind, this one is carried out all the
   * same, and gives back what the plan had taken before.
   */
  givesBackAfter: z.string().optional(),
  /** Whose deed it is, where people do it and say when it is done: "the edge team". */
  byPeople: z.string().optional(),
  /* Words for people, which are not signed: what it means to stop there. */
  /** What a stop makes of it once it has begun, in a clause. Left out: what it writes is finished first. */
  whenStopped: z.string().optional(),
  /** What stands from then on until a later step gives it back: "backend is stopped". */
  meanwhile: z.string().optional(),
  /** It gives that back; in the same words. */
  endsMeanwhile: z.string().optional(),
  /** What it leaves beside for a way back, until somebody tidies up: "the containers that were replaced". */
  keeps: z.string().optional(),
  /** It removes that; in the same words. */
  removesKept: z.string().optional(),
})
export type PlannedStep = z.infer<typeof PlannedStep>

/** One thing that will be different afterwards. */
export const PlannedChange = z.object({
  what: z.string(),
  from: z.string(),
  to: z.string(),
  /** Exactly what runs before and after, where it is a service that changes. */
  images: z.object({ from: z.array(z.string()), to: z.array(z.string()) }).optional(),
  /** What is different in it beside the version, a clause for each thing. */
  details: z.array(z.string()).optional(),
  /** The change that is taken back with it, for people. */
  takesBack: ComparedChange.optional(),
})
export type PlannedChange = z.infer<typeof PlannedChange>

/** What each service may tell as its version afterwards. */
export const Versions = z.record(z.string(), z.array(z.string()))
export type Versions = z.infer<typeof Versions>

/** A procedure resolved against the world. Immutable: another world makes another plan. */
export const Draft = z.object({
  /** In one line: "backend and frontend back to v1.9.0". */
  title: z.string(),
  steps: z.array(PlannedStep).min(1),
  changes: z.array(PlannedChange),
  /** What no other plan may write to meanwhile: `production: deployment shop/backend`. */
  targets: z.array(z.string()).min(1),
  /** Who has to sign. */
  signatures: SignatureRules,
  /** Why this target and no other. */
  because: z.string(),
  lost: z.string(),
  /** Whether and how it can itself be undone. */
  undo: z.string(),
  /** What a person should know before signing: who else writes there, what is not rolled back. */
  cautions: z.array(z.string()),
  /** Left out where the plan decides no version. */
  versions: Versions.optional(),
  /** What is made ready while people decide, and waited for before anything is written: "Pull backend v1.9.0". */
  preparation: z.string().optional(),
  /** What people do once it has succeeded so that the result stays, and the text that they need for it. */
  afterwards: z.object({ says: z.string(), text: z.string() }).optional(),
  /** What people have to do once it is done, a line for each; each of them is ticked by a person. */
  tasks: z.array(z.string()).optional(),
  /** After so long no further step begins, and what then stands is said. Left out: it takes the time it takes. */
  finish: z.object({ withinMs: z.number().positive(), safeStop: z.string() }).optional(),
})
export type Draft = z.infer<typeof Draft>

export const Plan = Draft.extend({
  /** Of identities and effects: the same digest is the same deed. */
  digest: z.string(),
  /** What the digest is made of, see {@link canonical}; left out in journals of before that was written down. */
  schema: z.literal([2, 3]).optional(),
  /** How long it took the last times; `null` when it never ran. */
  expectedMs: z.number().nullable(),
  /** The same of each of its steps; left out in old journals. */
  usualStepsMs: z.array(z.number().nullable()).optional(),
})
export type Plan = z.infer<typeof Plan>

export type Infeasible = {
  readonly kind: 'infeasible'
  readonly because: string
  /** `false`: it could not be looked at, so that it may be possible all the same. */
  readonly known: boolean
  /** It stands there already: there is nothing to take back. */
  readonly needless?: true
}
export type Resolved = { readonly kind: 'feasible'; readonly draft: Draft } | Infeasible

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
