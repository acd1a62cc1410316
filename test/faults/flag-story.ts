import { verifyJournal } from '../../src/adapters/sqlite/verify-journal.ts'
import type { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import { FLAG } from '../../src/sandbox/production.ts'
import type { Surroundings } from '../support/engine-story.ts'
import { folded } from '../support/rollback-story.ts'

export const SWITCH: PlanRequest = { kind: 'feature-flag', flag: null }
export const UNDO: PlanRequest = { kind: 'undo', plan: 1 }
const signal = new AbortController().signal

export const OFF = ['false', 'false', 'false']
export const ON = ['true', 'true', 'true']

/** What every pod goes by at the end of a story, and what became of its plans. */
export async function left(around: Surroundings) {
  around.pass(5_000)
  const { instances, deployments } = around.sandbox.world
  const all = (await instances!.list('backend', signal)).filter(({ ending }) => !ending)
  const pages = await Promise.all(
    all.map(({ id }) => instances!.ask('backend', id, { port: 8080, path: '/flags', signal })),
  )
  const told = pages.map((page) => JSON.parse(page?.body ?? '{}')[FLAG] as unknown)
  const [backend] = await deployments!.releases(['backend'], signal)
  const incident = await folded(around)
  const plans = incident?.plans ?? []
  const found = {
    told,
    images: backend?.current?.images,
    generation: backend?.generation ?? 0,
    outcomes: plans.map(({ run, ended }) => run?.ended?.outcome ?? ended?.kind ?? null),
    steps: plans.map(({ plan, run }) =>
      (run?.steps ?? []).map(({ kind }, at) => `${plan?.steps[at]?.id} ${kind}`),
    ),
    says: plans.at(-1)?.run?.steps.flatMap((one) => ('says' in one ? [one.says] : [])),
    proof: verifyJournal(around.file).kind,
  }
  around.end()
  return found
}
