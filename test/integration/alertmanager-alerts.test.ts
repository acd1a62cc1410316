import { describe, onTestFinished } from 'vitest'
import { alertmanagerAlerts } from '../../src/adapters/alertmanager/alerts.ts'
import { httpEndpoints } from '../../src/adapters/http/endpoints.ts'
import { startAlertmanager } from '../servers/alertmanager.ts'
import { eventually } from '../servers/eventually.ts'
import { missingAllowed } from '../servers/find.ts'
import { alertsContract } from '../support/contracts/alerts.ts'
import { closedPort, silentServer } from '../support/contracts/outside.ts'

const alertsAt = (url: string) =>
  alertmanagerAlerts({ url, endpoints: httpEndpoints({ dependency: 'alertmanager' }) })

describe.skipIf(missingAllowed('alertmanager'))('a real one', () => {
  alertsContract('Alertmanager', {
    async start(firing) {
      // Nobody is notified here: what is open is asked for.
      const hook = { url: `http://127.0.0.1:${await closedPort()}/`, token: 'unused' }
      const server = await startAlertmanager({ hook, groupBy: ['alertname'] })
      onTestFinished(() => server[Symbol.asyncDispose]())
      const startsAt = new Date().toISOString()
      await server.tell(
        ...firing.map(({ labels, summary }) => ({
          labels,
          startsAt,
          ...(summary === null ? {} : { annotations: { summary } }),
        })),
      )
      const alerts = alertsAt(server.url)
      await eventually(
        () => alerts.open([], AbortSignal.timeout(2_000)),
        (open) => open.length === firing.length,
      )
      return alerts
    },
    refusing: async () => alertsAt(`http://127.0.0.1:${await closedPort()}`),
    silent: async () => {
      const { host, port } = await silentServer()
      return alertsAt(`http://${host}:${port}`)
    },
  })
})
