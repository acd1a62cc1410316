import type { RequestKind } from '../../domain/plan/plan-request.ts'
import type { Draft, PlannedChange, PlannedStep, Versions } from '../../domain/plan/plan.ts'
import { REQUESTS } from '../../domain/plan/requests.ts'
import type { SignatureRule } from '../../domain/plan/signature-rule.ts'
import { targetIn } from '../../domain/plan/target.ts'
import type { Step } from '../../engine/run/step.ts'
import type { RunbookSettings } from './settings.ts'

/** A piece of a plan: some steps, and what people have to know of them. Procedures join parts. */
export type Part = {
  readonly steps: readonly PlannedStep[]
  readonly changes: readonly PlannedChange[]
  /** What no other plan may write to meanwhile, without the environment's name. */
  readonly targets: readonly string[]
  /** A sentence for each thing that is lost. */
  readonly lost: readonly string[]
  readonly cautions: readonly string[]
  /** What each service may tell as its version afterwards. */
  readonly versions: Versions
}

export const NOTHING: Part = {
  steps: [],
  changes: [],
  targets: [],
  lost: [],
  cautions: [],
  versions: {},
}

/** What the step says of itself. */
type OfStep = 'id' | 'title' | 'input' | 'whenStopped' | 'keeps' | 'removesKept'

/** One step as a part. Throws when the input is not one of the step. */
export function partOf(
  step: Step,
  input: PlannedStep['input'],
  {
    beside = false,
    givesBackAfter,
    meanwhile,
    endsMeanwhile,
    byPeople,
    ...more
  }: Partial<Part> & Partial<Omit<PlannedStep, OfStep>> = {},
): Part {
  const bound = step.bind(input)
  const { title, changes, versionsAfter: versions, whenStopped, keeps, removesKept } = bound
  const planned = {
    id: step.id,
    title,
    input,
    ...(beside ? { beside } : {}),
    ...(givesBackAfter === undefined ? {} : { givesBackAfter }),
    ...(whenStopped === null ? {} : { whenStopped }),
    ...(byPeople === undefined ? {} : { byPeople }),
    ...(meanwhile === undefined ? {} : { meanwhile }),
    ...(endsMeanwhile === undefined ? {} : { endsMeanwhile }),
    ...(keeps === null ? {} : { keeps }),
    ...(removesKept === null ? {} : { removesKept }),
  }
  return { ...NOTHING, steps: [planned], changes, versions, ...more }
}

/** All of them, in this order. */
export function joined(parts: readonly Part[]): Part {
  return {
    steps: parts.flatMap(({ steps }) => steps),
    changes: parts.flatMap(({ changes }) => changes),
    targets: [...new Set(parts.flatMap(({ targets }) => targets))],
    lost: parts.flatMap(({ lost }) => lost),
    cautions: parts.flatMap(({ cautions }) => cautions),
    versions: Object.assign({}, ...parts.map(({ versions }) => versions)),
  }
}

type Words = Pick<Draft, 'title' | 'because' | 'undo'> & Partial<Draft>

/** Parts as the plan for a request of this kind. */
export function draftOf(
  kind: RequestKind,
  words: Words,
  parts: readonly Part[],
  settings: Pick<RunbookSettings, 'environment' | 'dataOwners'>,
): Draft {
  const { steps, changes, targets, lost, cautions, versions } = joined(parts)
  return {
    steps: [...steps],
    changes: [...changes],
    targets: targets.map((target) => targetIn(settings.environment, target)),
    signatures: [...signaturesFor(kind, settings)],
    lost: lost.join(' '),
    cautions: [...cautions],
    ...(Object.keys(versions).length > 0 ? { versions } : {}),
    ...words,
  }
}

/** Data owners sign only where the settings name some. */
export function signaturesFor(
  kind: RequestKind,
  { dataOwners }: Pick<RunbookSettings, 'dataOwners'>,
): readonly SignatureRule[] {
  const { signatures } = REQUESTS[kind]
  if (signatures === 'as-undone') return []
  return signatures.filter(({ from }: SignatureRule) => dataOwners || from !== 'data-owners')
}
