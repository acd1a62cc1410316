import type { BotMetrics } from '../../adapters/http/bot-metrics.ts'
import { asFormOf, asMessageOf } from '../../chat/parts/environment-mark.ts'
import type { Config, Configs } from '../../config/load-config.ts'
import type { World } from '../../ports/world.ts'
import { openSigning } from '../signing/signing.ts'
import { atSecondOf } from './at-second.ts'
import { openEnvironment, type Environment, type Shared } from './environment.ts'
import { logOf } from './log-of.ts'
import { markedBy } from './marked.ts'

export type Environments = readonly [Environment, ...Environment[]]

/**
 * Opens each environment of the settings, in their order. The first one is home: what people send from no channel at all is
 * meant for it.
 */
export async function openEnvironments(
  [first, ...others]: Configs,
  {
    slack,
    openWorld,
    metrics,
    ...shared
  }: Omit<Shared, 'metrics' | 'asForm'> & {
    readonly slack: Parameters<typeof openSigning>[1]['slack']
    readonly openWorld: (config: Config) => Promise<World>
    readonly metrics: () => Promise<BotMetrics>
  },
): Promise<Environments> {
  const isOnly = others.length === 0

  function open(config: Config, index: number): Promise<Environment> {
    const name = config.settings.environment
    const atSecond = atSecondOf(index, others.length + 1)
    const counted = { ...shared, metrics: async () => (await metrics()).of(name) }
    const own = isOnly ? { ...counted, asForm: unmarked } : amongOthers(name, counted)
    return openEnvironment(config, {
      ...own,
      atSecond,
      openWorld: () => openWorld(config),
      openSigning: (over) => openSigning(config, { ...own, slack, ...over }),
    })
  }
  return Promise.all([open(first, 0), ...others.map((config, index) => open(config, index + 1))])
}

const unmarked = <Form>(form: Form): Form => form

/** With the name of the environment on whatever is said of it. */
function amongOthers(name: string, shared: Omit<Shared, 'asForm'>): Shared {
  const mark = { view: asMessageOf(name), title: (title: string) => `${name}: ${title}` }
  return {
    ...shared,
    log: logOf(name, shared.log),
    conversations: markedBy(() => mark, shared.conversations),
    asForm: asFormOf(name),
  }
}
