import type { BotMetrics } from '../../adapters/http/bot-metrics.ts'
import { asFormOf } from '../../chat/parts/environment-mark.ts'
import type { Config, Configs } from '../../config/load-config.ts'
import type { World } from '../../ports/world.ts'
import { openSigning } from '../signing/signing.ts'
import { openEnvironment, type Environment, type Shared } from './environment.ts'
import { logOf } from './log-of.ts'

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

  function open(config: Config): Promise<Environment> {
    const name = config.settings.environment
    const own = {
      ...shared,
      log: isOnly ? shared.log : logOf(name, shared.log),
      metrics: async () => (await metrics()).of(name),
      asForm: isOnly ? <Form>(form: Form) => form : asFormOf(name),
    }
    return openEnvironment(config, {
      ...own,
      openWorld: () => openWorld(config),
      openSigning: (over) => openSigning(config, { ...own, slack, ...over }),
    })
  }
  return Promise.all([open(first), ...others.map(open)])
}
