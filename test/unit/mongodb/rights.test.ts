import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { lackingOf, RIGHTS } from '../../../src/adapters/mongodb/collections/rights.ts'

const docs = readFileSync(new URL('../../../docs/database.md', import.meta.url), 'utf8')

describe('the rights', () => {
  test('are those of the role in the docs, each with what it is for', () => {
    const role = /db\.createRole\(\{[^]*?\n\}\)/.exec(docs)?.[0] ?? ''
    const resources = role.split(/resource: /).slice(1)
    const shown = resources.flatMap((text) => {
      const on = text.startsWith('{ cluster: true }') ? 'cluster' : 'database'
      return [...text.matchAll(/^ +'(\w+)', \/\/ (.+)$/gm)].map(([, action, why]) => ({
        action,
        on,
        why,
      }))
    })
    expect(shown).toEqual(RIGHTS)
  })

  const everything = RIGHTS.map(({ action }) => action)
  const onDatabase = (db: string, collection = '') => [
    { resource: { db, collection }, actions: everything },
  ]
  const needed = RIGHTS.filter(({ on }) => on === 'database').map(({ action }) => `${action} on es`)

  test.each([
    ['on the database itself', onDatabase('es'), []],
    ['on all databases', onDatabase(''), []],
    ['on anything', [{ resource: { anyResource: true }, actions: ['anyAction'] }], []],
    ['on another database', onDatabase('shop'), needed],
    ['on one of its collections', onDatabase('es', 'projects'), needed],
    ['nowhere', [], needed],
  ])('that are given %s', (_where, privileges, lacks) => {
    expect(lackingOf(privileges, { database: 'es', fence: 'none' })).toEqual(lacks)
  })

  test('on the cluster count only where there is a fence', () => {
    const lacks = lackingOf(onDatabase('es'), { database: 'es', fence: 'offered' })
    expect(lacks).toEqual(['setUserWriteBlockMode', 'bypassWriteBlockingMode'])
  })
})
