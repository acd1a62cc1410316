import { expect, test } from 'vitest'
import { imageLabels } from '../../../src/adapters/docker/read/image-names.ts'
import { recordedChange } from '../../../src/domain/workload/with-history.ts'
import { entry, image } from '../../support/ledger.ts'

const OF = 'org.opencontainers.image.'

test('what an image says of itself is told of what runs from it: by whom, from what, built when', () => {
  const labels = imageLabels({
    [`${OF}version`]: '1.9.0',
    [`${OF}revision`]: '3f2a91c',
    [`${OF}source`]: 'https://git.example/shop',
    [`${OF}authors`]: 'Ana',
    [`${OF}created`]: '2026-11-20T09:00:00Z',
  })
  const runs = image('shop/backend:v1.9.0')
  const asked = {
    service: 'backend',
    imageId: runs.id,
    createdAt: '2026-11-21T09:00:00Z',
    by: null,
  }
  expect(recordedChange(asked, [entry({ image: runs, labels })])).toMatchObject({
    commit: '3f2a91c',
    source: 'https://git.example/shop',
    authors: 'Ana',
    builtAt: '2026-11-20T09:00:00Z',
  })
})

test('what it does not say is not made up', () => {
  const nothing = { version: null, commit: null, source: null, authors: null, builtAt: null }
  expect(imageLabels({ [`${OF}authors`]: '' })).toEqual(nothing)
})
