import { proofMove } from '../../domain/plan/step-move.ts'
import { lookContext, type Carried } from './carried.ts'
import type { Discovery } from './step.ts'
import type { Turn } from './step-record.ts'

/** `result`: the journal has the step's result now. `again`: look once more. */
export type Attempted = 'result' | 'again'

/** Asks for one proof, and writes down what follows from it. `applied`: what stands there is this run's doing. */
export async function prove(
  carried: Carried,
  { state }: Pick<Turn, 'state'>,
  { applied, discovery }: { readonly applied: boolean; readonly discovery?: Discovery | undefined },
): Promise<Attempted> {
  const { step, record } = carried
  const proof = await step.verify(lookContext(carried, state))
  const stopping = (await record.turn())?.run.abort != null
  const move = proofMove({ kind: proof.kind, applied, stopping, onAbort: step.onAbort })
  switch (move.kind) {
    case 'succeed':
      await record.succeed({ applied, says: proof.says, ...discovery })
      return 'result'
    case 'fail': {
      const under = `stopped while it was under way: ${proof.says}`
      await record.fail(applied ? 'yes' : 'no', move.because === 'stopped' ? under : proof.says)
      return 'result'
    }
    case 'again': {
      const progress = (proof.kind === 'not-yet' && proof.progress) || null
      if (move.as === 'progress') await record.progress(proof.says, progress)
      else await record.wait(proof.says)
      return 'again'
    }
    default:
      return move satisfies never
  }
}
