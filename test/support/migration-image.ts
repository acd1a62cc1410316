import { execFile } from 'node:child_process'
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { EngineClient } from '../servers/docker/client.ts'
import { buildImage, pushImage } from '../servers/docker/images.ts'
import type { Registry } from '../servers/docker/registry.ts'
import { requireBinary } from '../servers/find.ts'
import { run } from '../servers/run.ts'
import { freshFolder } from '../servers/spawn.ts'

const Created = z.object({ Id: z.string() })

const ARCHIVE = '/down.archive'

/** It takes its time, so that it can be met while it runs. */
export const downCommand = (seconds: number): readonly string[] => [
  'sh',
  '-c',
  `echo taking it back; sleep ${seconds}; mongorestore --uri="$MIGRATION_MONGODB_URI" --archive=${ARCHIVE} --drop`,
]

/**
 * A team's image with the `down` of a migration, in a registry: it brings back what is in an archive of mongodump. By
 * its digest.
 */
export async function downImage(
  engine: EngineClient,
  registry: Registry,
  archive: string,
): Promise<string> {
  await using folder = await freshFolder('down')
  const tree = join(folder.path, 'tree')
  const tool = requireBinary('mongodb', 'mongorestore')
  const needed = [...(await librariesOf(tool)), [tool, '/bin/mongorestore'], [archive, ARCHIVE]]
  for (const [from = '', to = ''] of needed) {
    await mkdir(join(tree, dirname(to)), { recursive: true })
    await copyFile(from, join(tree, to))
  }
  const tar = join(folder.path, 'tree.tar')
  await run('tar', ['-c', '-f', tar, '-C', tree, '.'])
  const name = `${registry.address}/shop/migrations`
  const base = await buildImage(engine, {
    name,
    version: 'v2.0.0',
    tag: 'base',
    healthcheck: false,
  })
  const from = { body: { Image: base.reference } }
  const { Id } = Created.parse(await engine.must('POST', '/containers/create', from))
  const body = await readFile(tar)
  await engine.must('PUT', `/containers/${Id}/archive`, { query: { path: '/' }, body })
  const query = { container: Id, repo: name, tag: 'v2.0.0' }
  const { Id: id } = Created.parse(await engine.must('POST', '/commit', { query }))
  await engine.must('DELETE', `/containers/${Id}`)
  return pushImage(engine, registry, { id, reference: `${name}:v2.0.0` })
}

/** What a program of this machine needs of it, where it is looked for. */
async function librariesOf(program: string): Promise<readonly (readonly string[])[]> {
  const { stdout } = await promisify(execFile)('ldd', [program])
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => [path, path])
}
