import type { Config } from '../config/load-config.ts'
import { careful, ok, type Check } from '../domain/base/doctor-check.ts'
import { isThisMachine } from '../domain/base/in-the-clear.ts'

const TRIED = 'alerts that open incidents'

/** Whether Alertmanager may tell of alerts, and could. Who calls is only known when they do. */
export function alertChecks({ environment: env }: Pick<Config, 'environment'>): readonly Check[] {
  const {
    BACKOUT_ALERTMANAGER_TOKEN: token,
    BACKOUT_HTTP_HOST: host,
    BACKOUT_HTTP_PORT: port,
  } = env
  if (token === undefined) {
    return [ok('alertmanager', TRIED, 'not configured: only people open incidents')]
  }
  if (port === 0) {
    const found = 'the port is another one at every start'
    return [careful('alertmanager', TRIED, found, 'set BACKOUT_HTTP_PORT')]
  }
  if (isThisMachine(host)) {
    const found = `only an Alertmanager on this machine reaches ${host}:${port}`
    return [
      careful('alertmanager', TRIED, found, 'set BACKOUT_HTTP_HOST, or leave it if it is here'),
    ]
  }
  return [ok('alertmanager', TRIED, `taken at port ${port}, /hooks/alertmanager`)]
}
