import { Fault } from '../../../domain/base/fault.ts'
import type { Job, JobFound, Jobs, JobStarted } from '../../../ports/jobs.ts'
import type { WriteOptions } from '../../../ports/deployments.ts'
import { dockerHost, type DockerHost, type DockerHostOptions } from '../client/client.ts'
import { atRegistry } from '../images/at-registry.ts'
import { imageAt } from '../images/images.ts'
import { pull } from '../images/pull.ts'
import { RegistryConfig } from '../images/registry-credentials.ts'
import { containerPath, hostTimeMs, inspected, inspectedImage } from '../read/ask.ts'
import { OURS } from '../read/labels.ts'
import { Created, Network, type Inspected } from '../read/schema.ts'
import { answerIn } from '../write/answers.ts'
import { jobBody, type DockerJobPlace } from './job-body.ts'
import { jobSeen } from './job-found.ts'
import { lastWords } from './last-words.ts'

type Options = {
  readonly host: DockerHostOptions
  readonly place: DockerJobPlace
  /** What stands in `config.json`. */
  readonly credentials?: RegistryConfig
}

type Refused = Extract<JobStarted, { kind: 'refused' }>

const CREATE_MS = 60_000
const START_MS = 60_000
const STOP_MS = 40_000

/**
 * One container for each run. It is started once, right after it was made and by whoever made it: an Engine starts again
 * what has ended, so that one that was made and not started is left to people. It is kept, so that its end can be read.
 */
export function dockerJobs(options: Options): Jobs & { readonly close: () => void } {
  const { place } = options
  const credentials = options.credentials ?? RegistryConfig.parse({})
  const host = dockerHost(options.host)
  return {
    where: `host ${host.name}`,

    async find(name, key, signal) {
      const seen = await called(host, name, signal)
      if (!seen) return { kind: 'none' }
      if (!isOf(seen, key)) return { kind: 'another' }
      return foundIn(host, seen, Object.values(place.environment), signal)
    },

    async start(job, asked) {
      const refusal =
        (await noNetwork(host, place, asked.signal)) ??
        (await noImage(host, job.image, credentials, asked))
      if (refusal) return refusal
      return asked.dryRun ? { kind: 'started' } : run(host, job, place, asked)
    },

    close: () => host.close(),
  }
}

/** The Engine also takes the beginning of an id, and means whoever has it. */
async function called(
  host: DockerHost,
  name: string,
  signal: AbortSignal,
): Promise<Inspected | null> {
  const seen = await inspected(host, name, signal)
  return seen?.Name === name ? seen : null
}

function isOf({ Config: { Labels } }: Inspected, key: string): boolean {
  return Labels[OURS.role] === 'job' && Labels[OURS.mark] === key
}

/** One whose time is over is ended by this look: nobody else does it. */
async function foundIn(
  host: DockerHost,
  first: Inspected,
  handed: readonly string[],
  signal: AbortSignal,
): Promise<JobFound> {
  const nowMs = await hostTimeMs(host, signal)
  let [seen, how] = [first, jobSeen(first, nowMs)]
  if (how.kind === 'over') {
    await stop(host, first.Id, signal)
    const after = await called(host, first.Name, signal)
    if (after?.Id !== first.Id) return { kind: 'none' }
    ;[seen, how] = [after, jobSeen(after, nowMs)]
  }
  switch (how.kind) {
    case 'over':
      return { kind: 'running', says: 'its time is over, and it does not end' }
    case 'failed': {
      const said = how.hasRun ? await lastWords(host, seen, handed, signal) : null
      const why = said === null ? how.because : `${how.because}: ${said}`
      const see = how.hasRun ? `docker logs ${seen.Name}` : `docker inspect ${seen.Name}`
      return { kind: 'failed', says: `it failed (${why}; see ${see} on ${host.name})` }
    }
    default:
      return how
  }
}

async function stop(host: DockerHost, id: string, signal: AbortSignal): Promise<void> {
  const path = `${containerPath(id)}/stop`
  await host.write({ method: 'POST', path, signal, deadlineMs: STOP_MS })
}

/** A container is made in a network that is not there, and only then cannot start. */
async function noNetwork(
  host: DockerHost,
  { network }: DockerJobPlace,
  signal: AbortSignal,
): Promise<Refused | null> {
  try {
    const path = `/networks/${encodeURIComponent(network)}`
    const { Name } = await host.get(Network, { path, signal })
    if (Name === network) return null
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== '404') throw error
  }
  return refused(`there is no network ${network} on ${host.name}`)
}

/** Nothing is pulled before somebody has signed: until then the registry is asked. */
async function noImage(
  host: DockerHost,
  digest: string,
  credentials: RegistryConfig,
  { dryRun, signal }: WriteOptions,
): Promise<Refused | null> {
  const image = { id: digest, reference: digest, digest }
  if (!dryRun) {
    const pulled = await pull(host, image, credentials, () => undefined, signal)
    if (pulled.kind === 'refused') return refused(pulled.because)
  }
  const { id, platform, hostPlatform } = await imageAt(host, image, signal)
  if (id !== null) {
    return platform === null || platform === hostPlatform
      ? null
      : refused(`the image is for ${platform}, and this host is ${hostPlatform}`)
  }
  const found = await atRegistry(host, image, credentials, signal)
  return found.kind === 'there'
    ? null
    : refused(`${digest} is not on ${host.name}, and cannot be pulled: ${found.because}`)
}

async function run(
  host: DockerHost,
  job: Job,
  place: DockerJobPlace,
  { key, cause, signal, sendBeforeMs }: WriteOptions,
): Promise<JobStarted> {
  const image = await inspectedImage(host, job.image, signal)
  if (!image) return refused(`${job.image} is not on ${host.name} any more`)
  const body = jobBody(job, place, { key, cause, labels: image.Config.Labels })
  refuseTooLate(sendBeforeMs)
  const made = await answered(async () => {
    const query = { name: job.name }
    const call = { path: '/containers/create', query, body, signal, deadlineMs: CREATE_MS }
    return (
      Created.safeParse(await host.write({ method: 'POST', ...call })).data ?? nobodyKnows(host)
    )
  })
  if (made instanceof Fault) {
    return made.code === '409' ? { kind: 'exists' } : refused(made.detail)
  }
  const path = containerPath(made.Id)
  const started = await answered(() =>
    host.write({ method: 'POST', path: `${path}/start`, signal, deadlineMs: START_MS }),
  )
  if (!(started instanceof Fault)) return { kind: 'started' }
  // It has never run: its name is free again for whoever plans anew.
  await host.write({ method: 'DELETE', path, query: { v: 'false', force: 'false' }, signal })
  return refused(started.detail)
}

/** What came, or the refusal. Throws what says nothing of it, an unknown outcome first of all. */
async function answered<T>(write: () => Promise<T>): Promise<T | Fault> {
  try {
    return await write()
  } catch (error) {
    if (error instanceof Fault && answerIn(error) !== null) return error
    throw error
  }
}

function refuseTooLate(sendBeforeMs: number | undefined): void {
  if (sendBeforeMs === undefined || Date.now() < sendBeforeMs) return
  const detail = 'not sent: a signature ended while the image was pulled'
  throw new Fault({ kind: 'retryable', dependency: 'docker', detail })
}

/** Somebody else than the Engine has answered: what became of it is not known. */
function nobodyKnows({ name }: DockerHost): never {
  const detail = `unexpected answer from ${name} to what was to be created`
  const kind = 'unknown-outcome'
  throw new Fault({ kind, dependency: 'docker', detail, code: 'UNEXPECTED_ANSWER' })
}

function refused(because: string): Refused {
  return { kind: 'refused', because }
}
