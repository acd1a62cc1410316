import { engineBot, type Signed } from './engine-bot.ts'
import { NAMESPACE, type Stage } from './rollback-stage.ts'

export type RollbackBot = AsyncDisposable & {
  /** Planned, prepared, and signed by one. What comes back is the second signature, and all it leads to. */
  readonly prepare: (toVersion: string) => Promise<() => Promise<Signed>>
}

export const rollbackBot = async (stage: Stage, names: readonly string[]): Promise<RollbackBot> => {
  const deployments = Object.fromEntries(names.map((name) => [name, name]))
  const bot = await engineBot(
    { kubernetes: { namespace: NAMESPACE, deployments } },
    names.map((name) => ({ name, url: stage.servicesUrl })),
    { KUBECONFIG: stage.kubeconfig('backout') },
  )
  return {
    prepare: (toVersion) => bot.prepare({ kind: 'kubernetes', toVersion }),
    [Symbol.asyncDispose]: () => bot[Symbol.asyncDispose](),
  }
}
