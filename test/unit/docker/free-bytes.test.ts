import { mkdir, mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { DockerHost } from '../../../src/adapters/docker/client/client.ts'
import { freeBytesAt } from '../../../src/adapters/docker/images/free-bytes.ts'

const now = '2026-11-28T03:00:00Z'

/** An Engine that says this of itself. */
function host(info: unknown): { readonly host: DockerHost; readonly asked: string[] } {
  const asked: string[] = []
  const answering: Partial<DockerHost> = {
    name: 'shop-1',
    async get(schema, { path }) {
      asked.push(path)
      return schema.parse(info)
    },
  }
  return { host: answering as DockerHost, asked }
}

const freeAt = (info: unknown, isOverSocket = true) =>
  freeBytesAt(host(info).host, () => isOverSocket, AbortSignal.timeout(5_000))

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'docker-root-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

test('where the images of an Engine can be seen from here, the file system tells what is free', async () => {
  const root = await folder()
  await mkdir(join(root, 'image'))
  const { blocks, bsize } = await statfs(root)
  const free = await freeAt({ SystemTime: now, DockerRootDir: root })
  expect(free).toBeGreaterThan(0)
  expect(free).toBeLessThanOrEqual(blocks * bsize)
})

test('a folder that is only called so is not taken for it', async () => {
  expect(await freeAt({ SystemTime: now, DockerRootDir: await folder() })).toBeNull()
  expect(await freeAt({ SystemTime: now, DockerRootDir: 'relative' })).toBeNull()
  expect(await freeAt({ SystemTime: now, DockerRootDir: '/no/such/folder' })).toBeNull()
  // Behind the proxy it is not told.
  expect(await freeAt({ SystemTime: now })).toBeNull()
})

test('an Engine elsewhere is not asked: its folder is on another machine', async () => {
  const { host: far, asked } = host({ SystemTime: now, DockerRootDir: '/' })
  expect(await freeBytesAt(far, () => false, AbortSignal.timeout(5_000))).toBeNull()
  expect(asked).toEqual([])
})
