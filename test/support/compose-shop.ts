import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { z } from 'zod'
import { compose } from '../servers/docker/compose.ts'
import { startDocker, type DockerEngine } from '../servers/docker/engine.ts'
import { freePort, freshFolder } from '../servers/spawn.ts'
import { appImage } from './docker.ts'
import { BAD, GOOD, SERVICES } from './production.ts'

/** Beside the services in the same file: no way back touches them. */
const OTHERS = ['redis', 'database'] as const

const Listed = z.array(
  z.object({
    Id: z.string(),
    Names: z.array(z.string()),
    Image: z.string(),
    State: z.string(),
    Labels: z.record(z.string(), z.string()),
  }),
)

/** A compose project on an Engine of its own: the services in two versions, and containers beside them. */
export type ComposeShop = AsyncDisposable & {
  readonly engine: DockerEngine
  readonly project: string
  readonly urls: Readonly<Record<(typeof SERVICES)[number], string>>
  /** `docker compose …` in its folder. */
  readonly say: (...args: readonly string[]) => Promise<string>
  /** As somebody edits the file, and then types `docker compose up -d`. */
  readonly up: (version: string) => Promise<void>
  readonly containers: () => Promise<z.infer<typeof Listed>>
  readonly versionOf: (service: (typeof SERVICES)[number]) => Promise<string>
  /** Which containers these are, and how they are. */
  readonly idsOf: (names: readonly string[]) => Promise<readonly string[]>
  /** The same of those that no way back touches. */
  readonly othersNow: () => Promise<readonly string[]>
}

/** The good version runs. */
export async function startComposeShop(): Promise<ComposeShop> {
  await using starting = new AsyncDisposableStack()
  const engine = starting.use(await startDocker())
  const folder = starting.use(await freshFolder('shop')).path
  const say = compose('5', engine, folder)
  const [backend, frontend] = [await freePort(), await freePort()]
  const ports: Readonly<Record<string, number>> = { backend, frontend }
  const urls = { backend: `http://127.0.0.1:${backend}`, frontend: `http://127.0.0.1:${frontend}` }
  await Promise.all(
    [...SERVICES, ...OTHERS].map((name) =>
      appImage(engine, { name: `shop/${name}`, version: GOOD }),
    ),
  )
  await Promise.all(
    SERVICES.map((name) => appImage(engine, { name: `shop/${name}`, version: BAD })),
  )
  const up = async (version: string): Promise<void> => {
    const services = [...SERVICES, ...OTHERS].map((name) => {
      const port = ports[name]
      const published = port === undefined ? {} : { ports: [`127.0.0.1:${port}:8080`] }
      const volumes = name === 'backend' ? { volumes: ['uploads:/var/lib/app'] } : {}
      const image = `shop/${name}:${port === undefined ? GOOD : version}`
      return [name, { image, restart: 'unless-stopped', ...published, ...volumes }] as const
    })
    const file = { services: Object.fromEntries(services), volumes: { uploads: {} } }
    await writeFile(join(folder, 'docker-compose.yml'), stringify(file))
    await say('up', '-d')
  }
  await up(GOOD)
  const containers = async () =>
    Listed.parse(await engine.must('GET', '/containers/json', { query: { all: 'true' } }))
  const idsOf = async (names: readonly string[]) =>
    (await containers())
      .filter(({ Labels }) => names.includes(Labels['com.docker.compose.service'] ?? ''))
      .map(({ Id, State }) => `${Id} ${State}`)
      .toSorted()
  const project = (await containers())[0]?.Labels['com.docker.compose.project'] ?? ''
  const resources = starting.move()
  return {
    engine,
    project,
    urls,
    say,
    up,
    containers,
    async versionOf(service) {
      const answer = await fetch(`${urls[service]}/version`)
      return z.object({ version: z.string() }).parse(await answer.json()).version
    },
    idsOf,
    othersNow: () => idsOf(OTHERS),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}
