import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { EngineClient } from '../servers/docker/client.ts'
import { buildImage, type Behaviour } from '../servers/docker/images.ts'
import { run } from '../servers/run.ts'
import { freshFolder } from '../servers/spawn.ts'
import type { ImageId } from '../../src/ports/containers.ts'

const Created = z.object({ Id: z.string() })

/**
 * The app of the tests as a team's image: it says which commit it is of, tells its log where its database is, and
 * writes beside its volumes.
 */
export const appImage = async (
  engine: EngineClient,
  options: {
    readonly name: string
    readonly version: string
    readonly behaves?: Behaviour
    /** What its health check runs, in place of asking the app. */
    readonly checks?: string
    /** Lines of a Dockerfile. */
    readonly changes?: readonly string[]
  },
): Promise<ImageId> => {
  const { name, version, behaves = 'healthy', checks, changes = [] } = options
  const labels = { 'org.opencontainers.image.revision': 'c0ffee'.repeat(7).slice(0, 40) }
  const base = await buildImage(engine, { name, version, behaves, labels, tag: `${version}-base` })
  const { Id } = Created.parse(
    await engine.must('POST', '/containers/create', { body: { Image: base.reference } }),
  )
  const starts = 'echo starting; echo connecting to $MONGODB_URI; echo x >/tmp/written; exec /start'
  const lines = [
    `CMD ${JSON.stringify(['/bin/sh', '-c', starts])}`,
    ...(checks === undefined
      ? []
      : [`HEALTHCHECK --interval=300ms --timeout=5s --retries=2 CMD ${checks}`]),
    ...changes,
  ]
  const query = { container: Id, repo: name, tag: version, changes: lines }
  const made = Created.parse(await engine.must('POST', '/commit', { query }))
  await engine.must('DELETE', `/containers/${Id}`)
  await engine.must('DELETE', `/images/${base.reference}`)
  return { id: made.Id, reference: `${name}:${version}`, digest: null }
}

/** The same with a layer of its own, which nothing else on the host has, and in place of it. */
export const withBytes = async (
  engine: EngineClient,
  image: ImageId,
  bytes: number,
): Promise<ImageId> => {
  await using folder = await freshFolder('bytes')
  await writeFile(join(folder.path, 'bytes'), randomBytes(bytes))
  await run('tar', ['-c', '-f', 'bytes.tar', 'bytes'], folder.path)
  const from = { body: { Image: image.reference } }
  const { Id } = Created.parse(await engine.must('POST', '/containers/create', from))
  const body = await readFile(join(folder.path, 'bytes.tar'))
  await engine.must('PUT', `/containers/${Id}/archive`, { query: { path: '/' }, body })
  const repo = image.reference.replace(/:[^:]*$/, '')
  const tag = 'v1-large'
  const query = { container: Id, repo, tag }
  const large = Created.parse(await engine.must('POST', '/commit', { query }))
  await engine.must('DELETE', `/containers/${Id}`)
  await engine.must('DELETE', `/images/${image.reference}`)
  return { id: large.Id, reference: `${repo}:${tag}`, digest: null }
}
