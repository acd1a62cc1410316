import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { z } from 'zod'
import { createApp, type MoreAnswers } from '../servers/app/app.ts'
import { compose } from '../servers/docker/compose.ts'
import { startDocker, type DockerEngine } from '../servers/docker/engine.ts'
import { freePort, freshFolder } from '../servers/spawn.ts'
import { portOf } from './contracts/outside.ts'
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

const Network = z.object({
  IPAM: z.object({ Config: z.array(z.object({ Gateway: z.string() })).min(1) }),
})

/** A compose project on an Engine of its own: the services in two versions, and containers beside them. */
export type ComposeShop = AsyncDisposable & {
  readonly engine: DockerEngine
  readonly project: string
  /** Of its network: this machine, as its containers reach it. */
  readonly gateway: string
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

/** Its place in the settings, with its Engine as the only host. */
export const dockerOf = ({ engine, project }: Pick<ComposeShop, 'engine' | 'project'>) => ({
  hosts: { 'shop-1': { address: engine.host } },
  services: Object.fromEntries(SERVICES.map((name) => [name, { project, service: name }])),
})

/** The good version runs. `api`: what keeps the data that its services answer from below `/cgi-bin/api`. */
export async function startComposeShop({
  api,
}: { readonly api?: MoreAnswers } = {}): Promise<ComposeShop> {
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
  let dataAt: string | null = null
  const write = async (version: string): Promise<void> => {
    const services = [...SERVICES, ...OTHERS].map((name) => {
      const port = ports[name]
      const published = port === undefined ? {} : { ports: [`127.0.0.1:${port}:8080`] }
      const volumes = name === 'backend' ? { volumes: ['uploads:/var/lib/app'] } : {}
      const image = `shop/${name}:${port === undefined ? GOOD : version}`
      const environment = port !== undefined && dataAt ? { environment: { DATA_AT: dataAt } } : {}
      const restart = 'unless-stopped'
      return [name, { image, restart, ...environment, ...published, ...volumes }] as const
    })
    const file = { services: Object.fromEntries(services), volumes: { uploads: {} } }
    await writeFile(join(folder, 'docker-compose.yml'), stringify(file))
  }
  const up = async (version: string): Promise<void> => {
    await write(version)
    await say('up', '-d')
  }
  await write(GOOD)
  // Makes the network, and nothing yet of the services.
  await say('create', 'redis')
  const containers = async () =>
    Listed.parse(await engine.must('GET', '/containers/json', { query: { all: 'true' } }))
  const idsOf = async (names: readonly string[]) =>
    (await containers())
      .filter(({ Labels }) => names.includes(Labels['com.docker.compose.service'] ?? ''))
      .map(({ Id, State }) => `${Id} ${State}`)
      .toSorted()
  const project = (await containers())[0]?.Labels['com.docker.compose.project'] ?? ''
  const { IPAM } = Network.parse(await engine.must('GET', `/networks/${project}_default`))
  const gateway = IPAM.Config[0]?.Gateway ?? ''
  if (api) {
    // Whoever has sent all of a request, and closes that half of the connection, waits for the answer still.
    const data = Object.assign(createApp('data', {}, api), { httpAllowHalfOpen: true })
    starting.defer(() => new Promise((closed) => void data.close(() => closed())))
    data.listen(0, gateway)
    await once(data, 'listening')
    dataAt = `${gateway} ${portOf(data.address())}`
  }
  await up(GOOD)
  const resources = starting.move()
  return {
    engine,
    project,
    gateway,
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
