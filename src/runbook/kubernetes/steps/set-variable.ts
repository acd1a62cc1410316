import { z } from 'zod'
import { FlagValue, flagInWords } from '../../../domain/plan/flag-value.ts'
import type { PlannedStep } from '../../../domain/plan/plan.ts'
import { defineStep, type Inspection, type StepContext } from '../../../engine/run/step.ts'
import type { Sighting } from '../../../ports/deployment-state.ts'
import type { WorkloadWrite } from '../../../ports/deployments.ts'
import { deploymentsOf } from '../../parts/require-port.ts'
import { withinMs } from '../pace.ts'
import { rolledOut } from '../rolled-out.ts'
import { variableIn, type VariableSeen } from '../variable.ts'
import { undoCautions } from '../undo-cautions.ts'
import { rehearseAll, writeAll } from '../write-all.ts'

const Input = z.object({
  service: z.string(),
  name: z.string(),
  uid: z.string(),
  container: z.string(),
  variable: z.string(),
  from: FlagValue,
  to: FlagValue,
  /** Of the template that it was planned from: no way back while this incident is open. */
  templateHash: z.string(),
  withinMinutes: z.number().optional(),
})
type Input = z.infer<typeof Input>

/** One variable of a Deployment's container gets another value, and every pod is replaced by one that has it. */
export const setVariable = defineStep({
  id: 'set-variable',
  input: Input,
  deadlineMs: ({ withinMinutes }) => withinMs(withinMinutes),
  onAbort: 'finish',

  subject: ({ service, variable }) => `${variable} of ${service}`,

  title: ({ service, variable, to }) =>
    to === null
      ? `Take ${variable} away from ${service}`
      : `Set ${variable} of ${service} to ${flagInWords(to)}`,

  changes: ({ service, variable, from, to }) => [
    { what: `${variable} of ${service}`, from: flagInWords(from), to: flagInWords(to) },
  ],

  async inspect(context, input): Promise<Inspection<WorkloadWrite, Input>> {
    const { service, uid, from, to } = input
    const [release] = await deploymentsOf(context.world).sightings([service], context.signal)
    if (release?.uid !== uid) {
      return { kind: 'blocked', begun: false, says: `${service}: it was deleted or made anew` }
    }
    const begun = release.lastWrite === markOf(context.key, input)
    const seen = seenIn(release, input)
    if (seen === null) {
      // What was just written has no ReplicaSet yet.
      if (begun) return { kind: 'done', begun, says: 'asked for' }
      return { kind: 'blocked', begun, says: `${service}: a change is not rolled out yet` }
    }
    if (seen.kind === 'problem')
      return { kind: 'blocked', begun, says: `${service}: ${seen.because}` }
    const stands = `${service}: ${input.variable} is ${flagInWords(seen.value)}`
    if (seen.value === to) return { kind: 'done', begun, says: stands }
    if (seen.value !== from || begun) {
      return { kind: 'blocked', begun, says: `${stands}: somebody changed it meanwhile` }
    }
    const change = { kind: 'variable', of: seen.of, to } as const
    return { kind: 'needed', begun, seen: { seen: release, change } }
  },

  apply: (context, input, write) =>
    writeAll({ ...context, key: markOf(context.key, input) }, [write]),
  rehearse: (context, _, write) => rehearseAll(context, [write]),

  async verify(context, input) {
    const { service, uid, to } = input
    const [rollout, still] = await Promise.all([
      // Where nothing runs, nothing goes by the old value.
      rolledOut(context, [{ service, uid, templateHash: null, mayBeEmpty: true }]),
      standing(context, input),
    ])
    if (rollout.kind === 'failed') return rollout
    // Pods of somebody else's template are no proof of this one's.
    if (still !== undefined && still !== to) {
      const says = `${service}: ${input.variable} is ${flagInWords(still)}: somebody changed it meanwhile`
      return { kind: 'failed', says }
    }
    if (rollout.kind !== 'verified') return rollout
    if (still === undefined)
      return { kind: 'not-yet', says: `${service}: the change is not seen yet` }
    return { kind: 'verified', says: `${rollout.says}; ${input.variable} is ${flagInWords(to)}` }
  },

  async adviseUndo(context, { service }, undo) {
    return { problem: null, cautions: await undoCautions('replaced', [service], context, undo) }
  },

  onUndo: { kind: 'invert', input: ({ from, to, ...rest }) => ({ ...rest, from: to, to: from }) },
})

/** Several variables of one Deployment may be set by one plan: each write is told apart. */
function markOf(key: string, { variable }: Pick<Input, 'variable'>): string {
  return `${key}/${variable}`
}

/** `undefined`: it cannot be told at this moment. */
async function standing(
  { world, signal }: StepContext,
  input: Input,
): Promise<FlagValue | undefined> {
  const [release] = await deploymentsOf(world).sightings([input.service], signal)
  const seen = release && seenIn(release, input)
  return seen?.kind === 'found' ? seen.value : undefined
}

/** `null`: what is asked for has no ReplicaSet yet, so that nothing tells what it holds. */
function seenIn({ current }: Sighting, { variable, container }: Input): VariableSeen | null {
  return current && variableIn(current.template, variable, { name: container, image: undefined })
}

/** What a planned step sets, if it is of this kind. */
export function variableSetBy({
  id,
  input,
}: PlannedStep): Pick<Input, 'service' | 'templateHash'> | null {
  return id === setVariable.id ? Input.parse(input) : null
}
