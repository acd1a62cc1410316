import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { requireBinary } from './find.ts'
import { freePort, freshFolder, spawnServer, stoppable } from './spawn.ts'
import type { Stoppable } from './spawn.ts'

export type AlertmanagerOptions = {
  /** Where notifications go, and what shows that they are its own. */
  readonly hook: { readonly url: string; readonly token: string }
  readonly groupBy: readonly string[]
}

export type Told = {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly startsAt: string
  /** Left out while it fires. */
  readonly endsAt?: string
  readonly generatorURL?: string
}

export type AlertmanagerServer = Stoppable & {
  readonly url: string
  readonly pids: readonly number[]
  /** What Prometheus would send. */
  readonly tell: (...alerts: readonly Told[]) => Promise<void>
  /** Notifications that it could not deliver, and those that it tried to. */
  readonly counts: () => Promise<{ readonly failed: number; readonly sent: number }>
  readonly log: () => string
}

const configOf = ({ hook, groupBy }: AlertmanagerOptions, tokenFile: string) => ({
  route: {
    receiver: 'backout',
    group_by: groupBy,
    group_wait: '100ms',
    group_interval: '1s',
    repeat_interval: '1h',
  },
  receivers: [
    {
      name: 'backout',
      // As docs/operator-guide.md says it.
      webhook_configs: [
        {
          url: hook.url,
          send_resolved: true,
          max_alerts: 200,
          http_config: { authorization: { type: 'Bearer', credentials_file: tokenFile } },
        },
      ],
    },
  ],
})

const sumOf = (metrics: string, name: string): number =>
  [...metrics.matchAll(new RegExp(`^${name}\\{[^}]*integration="webhook"[^}]*\\} (\\S+)$`, 'gm'))]
    .map(([, value]) => Number(value))
    .reduce((sum, value) => sum + value, 0)

/** One that belongs to no cluster: two of them each deliver everything, as after a split. */
export const startAlertmanager = async (
  options: AlertmanagerOptions,
): Promise<AlertmanagerServer> => {
  const command = requireBinary('alertmanager', 'prometheus-alertmanager')
  await using starting = new AsyncDisposableStack()
  const folder = starting.use(await freshFolder('alertmanager')).path
  const data = join(folder, 'data')
  await mkdir(data)
  const tokenFile = join(folder, 'token')
  await writeFile(tokenFile, options.hook.token)
  const configFile = join(folder, 'alertmanager.yaml')
  await writeFile(configFile, stringify(configOf(options, tokenFile)))

  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = starting.use(
    await spawnServer({
      name: 'alertmanager',
      command,
      args: [
        `--config.file=${configFile}`,
        `--storage.path=${data}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
      ],
      ready: async () => (await fetch(`${url}/-/ready`)).ok,
    }),
  )
  return {
    url,
    pids: [server.pid],
    log: server.log,
    async tell(...alerts) {
      const answer = await fetch(`${url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alerts),
      })
      if (!answer.ok) throw new Error(`Alertmanager took no alerts: ${await answer.text()}`)
    },
    async counts() {
      const metrics = await (await fetch(`${url}/metrics`)).text()
      return {
        failed: sumOf(metrics, 'alertmanager_notification_requests_failed_total'),
        sent: sumOf(metrics, 'alertmanager_notification_requests_total'),
      }
    },
    ...stoppable(starting.move()),
  }
}
