import { engineProxy } from '../../adapters/docker-proxy/proxy.ts'
import { pinoLog } from '../../adapters/log/pino-log.ts'
import {
  configuredContainers,
  configuredJob,
  configuredVariables,
} from '../../config/configured-containers.ts'
import { VERSION } from '../../config/version.ts'
import { ownContainerId } from '../own-container.ts'
import { untilStopped } from '../process.ts'

/** Stands in front of an Engine until a signal stops it. Returns the exit code. */
export async function runEngineProxy(options: {
  readonly settings: string
  /** Whose containers; left out: those of the only environment. */
  readonly environment?: string | undefined
  readonly listen: string
  readonly engine: string
}): Promise<number> {
  const { settings, environment, listen, engine } = options
  const of = { file: settings, variables: process.env, named: environment }
  const services = configuredContainers(of)
  const variables = configuredVariables(of)
  const job = configuredJob(of, listen)
  const log = pinoLog({ level: 'info' })
  const proxy = await engineProxy({
    listen,
    engine,
    services,
    variables,
    job,
    log,
    ownId: ownContainerId,
  })
  const names = Object.keys(services)
  log.info('the Engine can be asked here', {
    version: VERSION,
    listen,
    engine,
    services: names,
    job: job?.image,
  })
  await untilStopped()
  await proxy.stop()
  return 0
}
