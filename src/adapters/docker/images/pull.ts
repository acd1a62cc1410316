import { Fault } from '../../../domain/base/fault.ts'
import type { Containers, ImageId, PullProgress } from '../../../ports/containers.ts'
import type { DockerHost } from '../client/client.ts'
import { inspectedImage } from '../read/ask.ts'
import { repositoryOf } from '../read/image-names.ts'
import { shortLine } from '../read/short-line.ts'
import { saysNotThere, whyNotShown } from './not-shown.ts'
import { pullReader } from './pull-progress.ts'
import { credentialsFor, type Credentials, type RegistryConfig } from './registry-credentials.ts'
import { wantsLogin, whyNoLogin } from './wants-login.ts'

type Pulled = Awaited<ReturnType<Containers['pull']>>
type Image = ImageId & { readonly digest: string }

/** The caller gives up before; this is for a caller that never does. */
const PULL_MS = 60 * 60_000
/** A layer is slow, and an Engine that says nothing for so long is not at it any more. */
const SILENCE_MS = 60_000

/**
 * Asks the registry only for what is not there: it may be the one that is down. Whether the host can run it is for
 * whoever wants to.
 */
export async function pull(
  host: DockerHost,
  image: Image,
  config: RegistryConfig,
  report: (progress: PullProgress) => void,
  signal: AbortSignal,
): Promise<Pulled> {
  const before = await inspectedImage(host, image.digest, signal)
  if (before) return { kind: 'there', id: before.Id }
  const credentials = credentialsFor(image.digest, config)
  const said = await pulled(host, image, credentials, report, signal)
  if (said !== null) {
    const why = await whyRefused(host, said, image, credentials, signal)
    const because = `${image.digest} could not be pulled: ${shortLine(said)}`
    return { kind: 'refused', because: why === null ? because : `${because}. ${why}` }
  }
  const after = await inspectedImage(host, image.digest, signal)
  return after
    ? { kind: 'there', id: after.Id }
    : {
        kind: 'refused',
        because: `${image.digest} is not there, though the host says it was pulled`,
      }
}

/** `null`: it was. */
async function pulled(
  host: DockerHost,
  { digest }: Image,
  credentials: Credentials,
  report: (progress: PullProgress) => void,
  signal: AbortSignal,
): Promise<string | null> {
  const reader = pullReader()
  const silence = new AbortController()
  const heard = setTimeout(() => silence.abort(), SILENCE_MS)
  try {
    await using answer = await host.stream({
      method: 'POST',
      path: '/images/create',
      query: { fromImage: repositoryOf(digest), tag: digest.split('@')[1] ?? '' },
      headers: credentials.kind === 'found' ? { 'x-registry-auth': credentials.header } : {},
      signal: AbortSignal.any([signal, silence.signal]),
      deadlineMs: PULL_MS,
    })
    const decoder = new TextDecoder()
    for await (const chunk of answer.chunks) {
      heard.refresh()
      const progress = reader.push(decoder.decode(chunk, { stream: true }))
      if (progress) report(progress)
    }
    return reader.failed()
  } catch (error) {
    if (error instanceof Fault && /^[45]\d\d$/.test(error.code ?? '')) return error.detail
    throw error
  } finally {
    clearTimeout(heard)
  }
}

/** What became of the credentials, where it is about them; `null`: it is not. */
async function whyRefused(
  host: DockerHost,
  said: string,
  { digest }: Image,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<string | null> {
  if (wantsLogin(said)) return whyNoLogin(digest, credentials)
  return saysNotThere(said) ? whyNotShown(host, digest, credentials, signal) : null
}
