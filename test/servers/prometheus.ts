import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { outsideAddress, requireBinary } from './find.ts'
import { run } from './run.ts'
import { freePort, freshFolder, spawnServer, stoppable } from './spawn.ts'
import type { Stoppable } from './spawn.ts'

export type PrometheusOptions = {
  /** Targets are `host:port`; their `/metrics` is scraped every second. */
  readonly scrape?: readonly { readonly job: string; readonly targets: readonly string[] }[]
  /** The past, in OpenMetrics text with a timestamp (seconds) on every sample. */
  readonly openmetrics?: string
  /** Histograms may be native, and can be written to it. */
  readonly native?: boolean
  /** Ask for a login: then `prometheusLogin` is the only one let in. */
  readonly basicAuth?: boolean
}

export type PrometheusServer = Stoppable & {
  readonly url: string
  readonly pids: readonly number[]
}

export const prometheusLogin = { username: 'backout', password: 'prometheus-password' } as const

// Made with bcrypt's lowest cost: Prometheus checks it on every request of every test.
const loginHash = '$2a$04$e/PTDuB.D.yIBb.ffdKfc.CewVFGEcX5KT6QFqiAcuKbHO8//b0BC'

const loginHeader = `Basic ${btoa(`${prometheusLogin.username}:${prometheusLogin.password}`)}`

const writePast = async (folder: string, data: string, openmetrics: string): Promise<void> => {
  const past = join(folder, 'past.txt')
  const text = openmetrics.trimEnd()
  await writeFile(past, text.endsWith('# EOF') ? `${text}\n` : `${text}\n# EOF\n`)
  const promtool = requireBinary('prometheus', 'promtool')
  await run(promtool, ['tsdb', 'create-blocks-from', '--quiet', 'openmetrics', past, data])
}

const answersReady = async (url: string): Promise<boolean> => {
  const headers = { authorization: loginHeader }
  const response = await fetch(`${url}/-/ready`, { headers, signal: AbortSignal.timeout(1_000) })
  return response.ok
}

/** A server of somebody else's serves the tests that ask for nothing particular. */
export const startPrometheus = async (
  options: PrometheusOptions = {},
): Promise<PrometheusServer> => {
  const outside = Object.keys(options).length === 0 ? outsideAddress('prometheus') : undefined
  if (outside) return { url: outside, pids: [], ...stoppable(new AsyncDisposableStack()) }
  const command = requireBinary('prometheus', 'prometheus')

  await using starting = new AsyncDisposableStack()
  const folder = starting.use(await freshFolder('prometheus')).path
  const data = join(folder, 'data')
  await mkdir(data)
  if (options.openmetrics !== undefined) await writePast(folder, data, options.openmetrics)

  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    scrape_configs: (options.scrape ?? []).map(({ job, targets }) => ({
      job_name: job,
      static_configs: [{ targets }],
    })),
  }
  const configFile = join(folder, 'prometheus.yaml')
  const webConfigFile = join(folder, 'web.yaml')
  await writeFile(configFile, stringify(config))
  const users = options.basicAuth ? { [prometheusLogin.username]: loginHash } : {}
  await writeFile(webConfigFile, stringify({ basic_auth_users: users }))

  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = starting.use(
    await spawnServer({
      name: 'prometheus',
      command,
      args: [
        `--config.file=${configFile}`,
        `--web.config.file=${webConfigFile}`,
        `--web.listen-address=127.0.0.1:${port}`,
        `--storage.tsdb.path=${data}`,
        // The default of 15 days would delete the blocks of an older past at once.
        '--storage.tsdb.retention.time=100y',
        // Without it the first scrape comes up to 10 s after the start; with it, after 5 s: that
        // is service discovery's own pace, which no flag changes.
        '--scrape.discovery-reload-interval=50ms',
        '--log.level=warn',
        ...(options.native
          ? ['--enable-feature=native-histograms', '--web.enable-remote-write-receiver']
          : []),
      ],
      ready: () => answersReady(url),
    }),
  )
  return { url, pids: [server.pid], ...stoppable(starting.move()) }
}
