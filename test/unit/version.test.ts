import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { VERSION } from '../../src/config/version.ts'

const read = (file: string) => readFileSync(join(import.meta.dirname, '../..', file), 'utf8')

test('the newest release in the changelog is the version of the package', () => {
  expect(/^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$/m.exec(read('CHANGELOG.md'))?.[1]).toBe(
    VERSION,
  )
  expect(JSON.parse(read('package-lock.json'))).toMatchObject({
    version: VERSION,
    packages: { '': { version: VERSION } },
  })
})

test.each(['manifests/kubernetes/deployment.yaml', 'docs/operator-guide.md', 'README.md'])(
  'whoever follows %s builds and runs that version',
  (file) => {
    const tags = [...read(file).matchAll(/\bbackout:(\d[\w.]*)/g)].map(([, tag]) => tag)
    expect(tags).not.toEqual([])
    expect(new Set(tags)).toEqual(new Set([VERSION]))
  },
)

test('the workflow of the public host runs what decides here, and nothing beside it', () => {
  const { jobs } = parse(read('.github/workflows/ci.yml'))
  const steps = Object.values<{ steps: { run?: string }[] }>(jobs).flatMap((job) => job.steps)
  expect(steps.flatMap(({ run }) => run ?? [])).toEqual(['.ci/run'])
})
