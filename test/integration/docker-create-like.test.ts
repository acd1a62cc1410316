import fc from 'fast-check'
import { z } from 'zod'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dockerContainers } from '../../src/adapters/docker/containers.ts'
import type { Container, ContainerWrite, Containers, ImageId } from '../../src/ports/containers.ts'
import { startDocker, type DockerEngine } from '../servers/docker/engine.ts'
import { missingAllowed } from '../servers/find.ts'
import {
  configurations,
  images,
  volumeOfNext,
  type Configuration,
} from '../support/docker-configurations.ts'
import { appImage } from '../support/docker.ts'
import { proxiedEngine } from '../support/proxied-engine.ts'

const host = 'shop-1'
const name = 'app'
const patience = () => AbortSignal.timeout(60_000)
/** `npm run test:long` tries more. */
const runs = Number(process.env['LONG_CONFIGURATIONS'] ?? 30)

/** A container in as much as anybody can tell two of them apart. */
const Shown = z.looseObject({
  Id: z.string(),
  Image: z.string(),
  Config: z.looseObject({
    Hostname: z.string(),
    Env: z.array(z.string()).nullable(),
    Labels: z.record(z.string(), z.string()),
    Volumes: z.record(z.string(), z.unknown()).nullish(),
  }),
  HostConfig: z.looseObject({
    Binds: z.array(z.string()).nullish(),
    Mounts: z.array(z.looseObject({ Target: z.string() })).nullish(),
  }),
  Mounts: z.array(z.looseObject({ Destination: z.string(), Name: z.string().optional() })),
  NetworkSettings: z.object({
    Networks: z.record(z.string(), z.looseObject({ Aliases: z.array(z.string()).nullable() })),
  }),
})
type Shown = z.infer<typeof Shown>

/** What a person set and the next image must not change; what the host has given to this one is left out. */
const comparable = ({ Id, Config, HostConfig, Mounts, NetworkSettings }: Shown) => {
  const { Image: _, Volumes: __, Hostname, ...config } = Config
  const { RestartPolicy: ___, Mounts: asked, ...hostConfig } = HostConfig
  const ours = (label: string): boolean => label.startsWith('backout.')
  return {
    config: withoutNothing({
      ...config,
      Hostname: Hostname === Id.slice(0, 12) ? 'its id' : Hostname,
      Env: (Config.Env ?? []).toSorted(),
      Labels: Object.fromEntries(Object.entries(Config.Labels).filter(([label]) => !ours(label))),
    }),
    hostConfig: withoutNothing({
      ...hostConfig,
      Binds: (hostConfig.Binds ?? []).filter((bind) => bind.includes(':')),
    }),
    // A volume without a name is asked for by the name that it got: where it is, and what it is, stays.
    tmpfs: (asked ?? []).filter(({ Type }) => Type !== 'volume'),
    mounts: Mounts.map(({ Mode: _mode, Name: _name, ...mount }) => mount).toSorted((a, b) =>
      a.Destination < b.Destination ? -1 : 1,
    ),
    networks: Object.fromEntries(
      Object.entries(NetworkSettings.Networks).map(([network, { Aliases, ...one }]) => [
        network,
        {
          ipam: withoutNothing(one['IPAMConfig']),
          driver: withoutNothing(one['DriverOpts']),
          aliases: (Aliases ?? []).filter((alias) => alias !== Id.slice(0, 12)),
        },
      ]),
    ),
  }
}

/** `null`, `[]` and `''` are one to the Engine; only of two paths an empty list means none at all. */
const withoutNothing = (value: unknown) =>
  Object.fromEntries(
    Object.entries(Object(value)).filter(
      ([key, one]) =>
        key === 'MaskedPaths' ||
        key === 'ReadonlyPaths' ||
        !['null', '[]', '{}', '""'].includes(JSON.stringify(one)),
    ),
  )

describe.skipIf(missingAllowed('docker'))('a container like another one', () => {
  const stack = new AsyncDisposableStack()
  let engine: DockerEngine
  let containers: Containers
  let old: ImageId
  let next: ImageId

  beforeAll(async () => {
    engine = stack.use(await startDocker())
    old = await appImage(engine, { name: 'shop/app', version: 'v1', changes: images.old })
    next = await appImage(engine, { name: 'shop/app', version: 'v2', changes: images.next })
    // Behind the proxy, which lets through nothing but what is like the other one.
    const proxied = stack.use(await proxiedEngine(engine.socketPath, { app: { container: name } }))
    const adapter = dockerContainers({
      hosts: [{ name: host, socketPath: proxied.socketPath }],
      services: { app: { kind: 'container', name } },
      ownId: async () => null,
    })
    stack.defer(() => adapter.close())
    containers = adapter
    await engine.must('POST', '/volumes/create', { body: { Name: 'uploads' } })
    for (const [index, network] of ['front', 'back', 'side'].entries()) {
      const Config = [{ Subnet: `10.99.${index}.0/24` }]
      await engine.must('POST', '/networks/create', { body: { Name: network, IPAM: { Config } } })
    }
  })
  afterAll(() => stack.disposeAsync())

  const show = async (id: string): Promise<Shown> =>
    Shown.parse(await engine.must('GET', `/containers/${id}/json`))

  /** As somebody makes it without us. */
  const make = async ({ body, networks }: Configuration, image: ImageId, called: string) => {
    const [first, ...others] = networks
    const asked = {
      ...body,
      Image: image.reference,
      HostConfig: { ...body.HostConfig, NetworkMode: first?.name ?? 'none' },
      NetworkingConfig: { EndpointsConfig: first ? { [first.name]: first.endpoint } : {} },
    }
    const query = { name: called }
    const made = await engine.must('POST', '/containers/create', { query, body: asked })
    const { Id } = z.object({ Id: z.string() }).parse(made)
    for (const other of others) {
      const connect = { Container: Id, EndpointConfig: other.endpoint }
      await engine.must('POST', `/networks/${other.name}/connect`, { body: connect })
    }
    return Id
  }

  const like = async (
    seen: Container,
    image: ImageId,
    made: Pick<Extract<ContainerWrite, { kind: 'create' }>, 'name' | 'role'>,
  ): Promise<Container> => {
    const { id, sha256, service } = seen
    const change = { kind: 'create', host, like: id, sha256, service, image, ...made } as const
    expect(await containers.write({ ...change, mark: 'mark' }, patience())).toEqual({
      kind: 'done',
    })
    return named(made.name)
  }

  const named = async (wanted: string): Promise<Container> => {
    const found = await containers.sightings(['app'], patience())
    const one = found.find((container) => container.name === wanted)
    if (!one) throw new Error(`there is no ${wanted}`)
    return one
  }

  const clear = async () => {
    const all = await engine.must('GET', '/containers/json', { query: { all: '1' } })
    for (const { Id } of z.array(z.object({ Id: z.string() })).parse(all)) {
      await engine.must('DELETE', `/containers/${Id}`, { query: { force: '1', v: '1' } })
    }
  }

  test(
    `differs only in its image; and like the kept one it comes back as it was (${runs} configurations)`,
    async () => {
      await fc.assert(
        fc.asyncProperty(configurations, fc.boolean(), async (configuration, isStarted) => {
          try {
            const id = await make(configuration, old, name)
            // Then its host gives it more; some of these cannot start, and are stopped ones.
            if (isStarted) await engine.request('POST', `/containers/${id}/start`)
            const before = await show(id)
            const seen = await named(name)
            const kept = await like(seen, old, { name: `${name}-kept`, role: 'kept' })
            expect(kept.sha256).toBe(seen.sha256)
            const successor = await like(seen, next, { name: `${name}-next`, role: 'serving' })
            expect(successor.image).toEqual(next)
            expect(successor.sha256).toBe(seen.sha256)
            expect(successor.volumes).toEqual(expect.arrayContaining([...seen.volumes]))
            expect(successor.aliases).toEqual(seen.aliases)

            // The same as if the same had been asked for, of the next image, with the volumes that are there.
            const other = comparable(await show(successor.id))
            const asked = comparable(await show(await make(configuration, next, 'asked')))
            expect(other.config).toEqual(asked.config)
            const was = comparable(before)
            const mounts = other.mounts.filter(({ Destination }) => Destination !== volumeOfNext)
            expect({ ...other, mounts, config: null }).toEqual({ ...was, config: null })

            await engine.must('DELETE', `/containers/${successor.id}`)
            await engine.must('DELETE', `/containers/${id}`, { query: { force: '1' } })
            const back = await like(kept, old, { name, role: 'serving' })
            expect(back.sha256).toBe(seen.sha256)
            expect(back.image).toEqual(seen.image)
            const restored = await show(back.id)
            expect(comparable(restored)).toEqual(comparable(before))
          } finally {
            await clear()
          }
        }),
        { numRuns: runs, endOnFailure: true, ...seeded() },
      )
    },
    Math.max(600_000, runs * 20_000),
  )
})

/** A failed run prints its seed; it is run again with it. */
function seeded(): { readonly seed: number } {
  const given = process.env['SEED']
  const seed = given === undefined ? Date.now() % 1_000_000 : Number(given)
  console.log(`configurations of seed ${seed}`)
  return { seed }
}
