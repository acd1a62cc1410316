import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { apply, seededBugs } from '../mutations/seeded-bugs.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

describe('the bugs that prove the suites', () => {
  test('there are enough of them, and each says what it does wrong', () => {
    expect(seededBugs().length).toBeGreaterThanOrEqual(18)
    for (const { name, title } of seededBugs()) expect(title, name).toMatch(/^[A-Z].+\.$/)
  })

  test.each(seededBugs())(
    '$name can still be put into the code, and its suites are there',
    (bug) => {
      expect(() => apply(bug, ROOT, ['--check'])).not.toThrow()
      for (const suite of bug.caughtBy) expect(existsSync(join(ROOT, suite)), suite).toBe(true)
    },
  )
})
