import { z } from 'zod'
import { eventually } from '../eventually.ts'
import { freePort } from '../spawn.ts'
import type { EngineClient } from './client.ts'
import { appPort } from './images.ts'

export type ContainerOptions = {
  readonly image: string
  readonly name?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** Made unless it is there; `apps` where nothing is said. */
  readonly network?: string
  readonly restart?: 'no' | 'always' | 'unless-stopped' | 'on-failure'
  /** Whatever else the Engine takes on create, next to what is made of the above. */
  readonly more?: Readonly<Record<string, unknown>>
}

const containerSchema = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  Config: z.object({ Image: z.string(), Labels: z.record(z.string(), z.string()) }),
  State: z.object({
    Status: z.string(),
    ExitCode: z.number(),
    Health: z.object({ Status: z.string() }).optional(),
  }),
  NetworkSettings: z.object({
    Ports: z.record(z.string(), z.array(z.object({ HostPort: z.string() })).nullable()),
  }),
})

export type SeenContainer = {
  readonly id: string
  readonly name: string
  /** `sha256:…` */
  readonly imageId: string
  /** As it was asked for. */
  readonly image: string
  readonly labels: Readonly<Record<string, string>>
  /** created, running, exited, … */
  readonly status: string
  readonly exitCode: number
  /** starting, healthy, unhealthy; undefined without a healthcheck. */
  readonly health: string | undefined
  /** Of its app; undefined where its port is not published. */
  readonly url: string | undefined
}

/** By id or by name. */
export const container = async (engine: EngineClient, id: string): Promise<SeenContainer> => {
  const seen = containerSchema.parse(await engine.must('GET', `/containers/${id}/json`))
  const port = seen.NetworkSettings.Ports[`${appPort}/tcp`]?.[0]?.HostPort
  return {
    id: seen.Id,
    name: seen.Name.slice(1),
    imageId: seen.Image,
    image: seen.Config.Image,
    labels: seen.Config.Labels,
    status: seen.State.Status,
    exitCode: seen.State.ExitCode,
    health: seen.State.Health?.Status,
    url: port === undefined ? undefined : `http://127.0.0.1:${port}`,
  }
}

/** Gives back what was seen last, to be asserted on. */
export const untilContainer = (
  engine: EngineClient,
  id: string,
  is: Partial<SeenContainer>,
): Promise<SeenContainer> =>
  eventually(
    () => container(engine, id),
    (seen) => Object.entries(is).every(([key, value]) => Reflect.get(seen, key) === value),
    30_000,
  )

const idSchema = z.object({ Id: z.string() })

/** 409 where it is there already. */
const makeNetwork = async (engine: EngineClient, name: string): Promise<void> => {
  const body = { Name: name, CheckDuplicate: true }
  const { status, text } = await engine.request('POST', '/networks/create', { body })
  if (status >= 400 && status !== 409) throw new Error(`Network ${name}: ${status} ${text}`)
}

/** With the app's port published on a free one of loopback. Started, not more. */
export const runContainer = async (
  engine: EngineClient,
  { image, name, labels, env, network = 'apps', restart = 'no', more }: ContainerOptions,
): Promise<SeenContainer> => {
  const published = [{ HostIp: '127.0.0.1', HostPort: String(await freePort()) }]
  await makeNetwork(engine, network)
  const body = {
    Image: image,
    Labels: labels,
    Env: Object.entries(env ?? {}).map(([key, value]) => `${key}=${value}`),
    HostConfig: {
      NetworkMode: network,
      PortBindings: { [`${appPort}/tcp`]: published },
      RestartPolicy: { Name: restart },
    },
    ...more,
  }
  const query: Record<string, string> = name === undefined ? {} : { name }
  const made = await engine.must('POST', '/containers/create', { query, body })
  const { Id } = idSchema.parse(made)
  await engine.must('POST', `/containers/${Id}/start`)
  return container(engine, Id)
}
