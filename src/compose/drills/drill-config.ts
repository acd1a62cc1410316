import { resolve } from 'node:path'
import { loadConfig, type Config } from '../../config/load-config.ts'
import type { ScenarioName } from '../../sandbox/scenario.ts'
import { asSimulated } from '../demo/as-simulated.ts'

/**
 * The settings of a drill. Of the team's own it has who signs, whom to ask, and the channel, and nothing else: no
 * address, no token, no pager, no mail server and no status page of the real one.
 */
export function drillConfig(
  team: Config['settings'],
  {
    channel,
    folder,
    scenario,
  }: {
    readonly channel: string
    /** Where its journal and its evidence are kept. */
    readonly folder: string
    readonly scenario: ScenarioName
  },
): Config {
  const config = loadConfig({
    file: resolve(import.meta.dirname, 'drill.yaml'),
    needs: [],
    variables: {
      BACKEND_URL: 'http://backend.drill.invalid',
      FRONTEND_URL: 'http://frontend.drill.invalid',
      PROMETHEUS_URL: 'http://prometheus.drill.invalid',
      BACKOUT_DATA: folder,
    },
  })
  const { approval, contacts } = team
  const settings = {
    ...config.settings,
    slack: { ...config.settings.slack, channels: [channel] },
    approval,
    contacts,
  }
  return asSimulated({ ...config, settings }, { platform: 'kubernetes', scenario })
}
