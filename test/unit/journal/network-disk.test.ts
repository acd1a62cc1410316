import { symlinkSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { networkDiskOf } from '../../../src/adapters/sqlite/network-disk.ts'

/** As `stat -f -c %t` tells them. */
test.each([
  ['6969', 'NFS'],
  ['517b', 'SMB'],
  ['ff534d42', 'CIFS'],
  ['fe534d42', 'SMB2'],
  ['65735546', 'FUSE'],
  ['1021997', '9P'],
  ['ef53', null],
  ['794c7630', null],
  ['1021994', null],
  ['58465342', null],
  ['9123683e', null],
  ['2fc12fc1', null],
])('a file system of type %s is %s', (type, kind) => {
  const number = Number.parseInt(type, 16)
  expect(networkDiskOf('/data', () => number)).toBe(kind)
  // Where a word has 32 bits, the highest one is a sign.
  expect(networkDiskOf('/data', () => number | 0)).toBe(kind)
})

function typesOf(known: Readonly<Record<string, number>>) {
  return (path: string): number => {
    const type = known[path]
    if (type === undefined) throw new Error('ENOENT')
    return type
  }
}

test('what is not there yet stands where its folder will', () => {
  expect(
    networkDiskOf('/mnt/team/backout/data', typesOf({ '/': 0xef53, '/mnt/team': 0x6969 })),
  ).toBe('NFS')
  expect(networkDiskOf('/var/lib/backout', typesOf({ '/': 0xef53, '/mnt': 0x6969 }))).toBe(null)
})

test('a journal that is a link is where the link leads', () => {
  const types = typesOf({ '/': 0xef53, '/data': 0xef53, '/data/journal.sqlite': 0x65735546 })
  expect(networkDiskOf('/data', types)).toBe('FUSE')
})

test('the folders of tests are on no network disk, there or not, linked or not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'disk-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  symlinkSync(folder, join(folder, 'link'))
  for (const name of ['.', 'not/yet', 'link', 'link/not/yet']) {
    expect(networkDiskOf(join(folder, name))).toBe(null)
  }
})
