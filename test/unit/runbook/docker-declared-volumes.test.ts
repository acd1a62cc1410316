import { expect, test } from 'vitest'
import { imageId } from '../../../src/sandbox/docker/images.ts'
import { onHosts, rollbackOnHosts, TWO_HOSTS, type Hosts } from './on-hosts.ts'

const UPLOADS = '/var/lib/app'

const said = async (hosts: Hosts) => {
  const { cautions } = await hosts.drafted(rollbackOnHosts)
  return cautions.filter((one) => /declares|in a volume|in volumes/.test(one))
}

test('a folder that only the older image keeps in a volume is said to be new there, once for all hosts', async () => {
  const hosts = onHosts({ placement: TWO_HOSTS })
  hosts.onHosts.declareVolumes('v1.9.0', ['/app/public'])
  expect(await said(hosts)).toEqual(
    ['backend', 'frontend'].map(
      (service) =>
        `${service}: v1.9.0 keeps /app/public in a volume, which is new: what was written there is only in what is kept of the old container.`,
    ),
  )
})

test('a volume that only the newer image declares is said to go on as it is', async () => {
  const hosts = onHosts()
  hosts.onHosts.declareVolumes('v2.0.0', [UPLOADS])
  expect(await said(hosts)).toEqual([
    `backend: only v2.0.0 declares the volume ${UPLOADS}; v1.9.0 gets it as it is.`,
  ])
})

test('nothing is said where both declare it, or where its container has a volume there already', async () => {
  const hosts = onHosts()
  expect(await said(hosts)).toEqual([])
  hosts.onHosts.declareVolumes('v1.9.0', [UPLOADS])
  expect((await said(hosts)).filter((one) => one.startsWith('backend'))).toEqual([])
  hosts.onHosts.declareVolumes('v2.0.0', [UPLOADS])
  expect((await said(hosts)).filter((one) => one.startsWith('backend'))).toEqual([])
})

test('of an image that has to be pulled first, it is said that nobody knows', async () => {
  const hosts = onHosts()
  hosts.onHosts.declareVolumes('v1.9.0', ['/app/public'])
  hosts.onHosts.removeImage(imageId('pipeshub/backend:v1.9.0'))
  expect((await said(hosts))[0]).toBe(
    'backend: which folders v1.9.0 keeps in volumes is not known before it is pulled.',
  )
})
