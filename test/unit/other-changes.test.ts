import { describe, expect, test } from 'vitest'
import { scaledLast } from '../../src/adapters/kubernetes/read/scaled-last.ts'
import { Deployment } from '../../src/adapters/kubernetes/read/schema.ts'
import { overhearing } from '../../src/assess/overheard.ts'
import { ownChanges } from '../../src/domain/plan/own-changes.ts'
import { toIso } from '../../src/domain/base/instant.ts'
import { otherChanges, type OtherChange } from '../../src/domain/workload/other-change.ts'
import { listWithHistory } from '../../src/domain/workload/with-history.ts'
import type { ConfigMaps } from '../../src/ports/config-maps.ts'
import type { FlagStores, StoredFlag } from '../../src/ports/flag-stores.ts'
import { assessment, atMs, newestChange, plan, workload } from '../support/builders.ts'
import { changeLines } from '../../src/chat/parts/change-lines.ts'
import { assessmentTable } from '../../src/chat/text/terminal.ts'
import { inUtc } from '../../src/chat/text/moments.ts'
import { entry as ledgerEntry } from '../support/ledger.ts'

const MINUTE = 60_000
const ago = (minutes: number) => toIso(atMs - minutes * MINUTE)
const scaled = (minutes: number, by: string | null = 'kubectl'): OtherChange => {
  return {
    kind: 'scale',
    says: 'backend was scaled to 5',
    since: { time: ago(minutes), exact: true },
    by,
  }
}

describe('that somebody scaled a Deployment', () => {
  const replicas = { 'f:spec': { 'f:replicas': {} } }
  const template = { 'f:template': { 'f:spec': {} } }
  const told = (
    ...entries: readonly (readonly [manager: string, minutes: number, fields: object])[]
  ) => {
    const managedFields = entries.map(([manager, minutes, fieldsV1]) => {
      return { manager, time: ago(minutes), fieldsV1 }
    })
    const deployment = Deployment.parse({
      metadata: { name: 'backend', uid: 'u', creationTimestamp: ago(9_000), managedFields },
      spec: { replicas: 5, selector: {}, template: { spec: { containers: [] } } },
    })
    return scaledLast('backend', { deployment, replicaSets: [], pods: [], strays: [], foreign: [] })
  }

  test('is told by whoever owns the number and nothing else', () => {
    expect(told(['ci', 60, { 'f:spec': template }], ['kubectl', 12, replicas])).toEqual([
      scaled(12),
    ])
    expect(told(['kubectl', 12, replicas], ['kube-controller-manager', 3, replicas])).toEqual([
      scaled(3, 'kube-controller-manager'),
    ])
  })

  test('by a time that may be later, where annotations were written too', () => {
    const annotated = { ...replicas, 'f:metadata': { 'f:annotations': { 'f:note': {} } } }
    expect(told(['backout', 12, annotated])[0]).toMatchObject({
      by: 'backout',
      since: { exact: false },
    })
  })

  test.each([
    ['nobody has', { 'f:metadata': { 'f:annotations': {} } }],
    ['a deploy wrote it too', { 'f:spec': { ...template, 'f:replicas': {} } }],
    ['labels were written with it', { ...replicas, 'f:metadata': { 'f:labels': {} } }],
  ])('is not known where %s', (_, fields) => {
    expect(told(['helm', 12, fields])).toEqual([])
  })
})

describe('what is read anyway', () => {
  const flag: StoredFlag = { identity: 'f', value: 'on', holders: [], obstacle: null, cautions: [] }
  const heardOf = async (key: object | null, stored: StoredFlag = flag) => {
    const configMaps = { find: async () => key } as unknown as ConfigMaps
    const flagStores = { look: async () => stored } as unknown as FlagStores
    const { read, heard } = overhearing({ configMaps, flagStores })
    const signal = AbortSignal.timeout(1_000)
    expect(await read.configMaps?.find('general', 'FLAG', signal)).toBe(key)
    expect(await read.flagStores?.look('flag X', 'off', signal)).toBe(stored)
    return heard()
  }

  test('tells when a ConfigMap was written', async () => {
    const key = {
      configMap: 'general',
      key: 'FLAG',
      lastWritten: { at: ago(4), by: 'kubectl-edit' },
    }
    expect(await heardOf(key)).toEqual([
      {
        kind: 'configuration',
        says: 'ConfigMap general with FLAG was written',
        since: { time: ago(4), exact: true },
        by: 'kubectl-edit',
      },
    ])
  })

  test('tells when a flag was switched, or what goes by it was started anew', async () => {
    const at = ago(4)
    const told = async (what: 'switched' | 'changed' | 'started-anew') =>
      (await heardOf(null, { ...flag, lastChange: { what, at, by: 'ana' } })).map(
        ({ kind, says }) => [kind, says],
      )
    expect(await told('switched')).toEqual([['flag', 'flag X was switched']])
    expect(await told('changed')).toEqual([['flag', 'flag X was changed']])
    expect(await told('started-anew')).toEqual([
      ['restart', 'what goes by flag X was started anew'],
    ])
  })

  test('tells nothing of what does not say when', async () => {
    expect(await heardOf({ configMap: 'general', key: 'FLAG' })).toEqual([])
    expect(await heardOf(null)).toEqual([])
  })
})

describe('what Backout did itself', () => {
  const scaling = plan({
    title: 'scale backend to 5',
    changes: [{ what: 'backend', from: '3', to: '5' }],
  })
  const written = (minutes: number, applied = true, proposal = scaling) => {
    const at = ago(minutes)
    const steps = [{ kind: 'succeeded' as const, startedAt: at, at, applied, says: 'done' }]
    const run = { startedAt: at, steps, abort: null, ended: null }
    return { plans: [{ plan: proposal, run }] } as unknown as Parameters<
      typeof ownChanges
    >[0][number]
  }

  test('is told by the plan whose step wrote first', () => {
    expect(ownChanges([written(7)], 0)).toEqual([
      {
        kind: 'runbook',
        says: 'Backout began “scale backend to 5”',
        since: { time: ago(7), exact: true },
        by: 'backout',
      },
    ])
  })

  test('is nothing where nothing was written, where it is long ago, and where versions changed', () => {
    const versions = plan({
      changes: [{ what: 'backend', from: 'v2', to: 'v1', images: { from: ['v2'], to: ['v1'] } }],
    })
    expect(ownChanges([written(7, false)], 0)).toEqual([])
    expect(ownChanges([written(7)], atMs - 5 * MINUTE)).toEqual([])
    expect(ownChanges([written(7, true, versions)], 0)).toEqual([])
    expect(ownChanges([written(7, true, plan({ changes: [] }))], 0)).toEqual([])
  })

  const own = ownChanges([written(7)], 0)
  const merged = (
    found: readonly OtherChange[],
    deployed = [newestChange('backend', { since: null })],
  ) => otherChanges(found, own, { nowMs: atMs, deployed }).map(({ says }) => says)

  test('is said once, where the world tells the same', () => {
    expect(merged([scaled(7, 'backout')])).toEqual(['backend was scaled to 5'])
    expect(merged([scaled(7)])).toHaveLength(2)
    expect(merged([scaled(12, 'backout')])).toHaveLength(2)
    const since = { time: ago(6), exact: true }
    expect(merged([], [newestChange('backend', { by: 'backout', since })])).toEqual([])
  })

  test('stands among the others by its time, and what is older than a day is left out', () => {
    expect(merged([scaled(25 * 60), scaled(9), scaled(2)])).toEqual([
      'backend was scaled to 5',
      'Backout began “scale backend to 5”',
      'backend was scaled to 5',
    ])
  })
})

test('a container that is younger than its release took the place of another one', async () => {
  const entry = ledgerEntry({ firstSeenAt: ago(300), lastSeenAt: ago(0) })
  const listed = async (createdMinutesAgo: number) => {
    const current = {
      number: 1,
      uid: entry.image.id,
      templateHash: 'x',
      images: [entry.image.reference],
      content: 'x',
      needs: [],
      createdAt: ago(createdMinutesAgo),
    }
    const one = workload(entry.service, { unit: 'container', current, previous: [], changed: null })
    const list = listWithHistory(
      async () => [one],
      async () => [entry],
    )
    const [found] = await list([entry.service], AbortSignal.timeout(1_000))
    return found?.otherChanges?.map(({ kind, says, since }) => [kind, says, since.time])
  }
  const says = `${entry.service} got a new container of the same image`
  expect(await listed(12)).toEqual([['restart', says, ago(12)]])
  expect(await listed(301)).toEqual([])
  // The second host of the same release.
  expect(await listed(290)).toEqual([])
})

describe('on the card', () => {
  const shown = (changes: Parameters<typeof assessment>[0]) =>
    inUtc(
      changeLines(assessment(changes))
        .map(({ mrkdwn }) => mrkdwn)
        .join('\n'),
    )

  test('it stands below what is deployed, three at most', () => {
    const others = [scaled(3), scaled(4, null), scaled(5), scaled(6)]
    const lines = shown({
      changes: [{ ...newestChange('backend'), compareUrl: null }],
      otherChanges: others,
    })
    expect(lines.split('\n').slice(2)).toEqual([
      expect.stringMatching(/^• backend was scaled to 5, 3 min ago \(\d\d:\d\d UTC\), by kubectl$/),
      expect.stringMatching(/^• backend was scaled to 5, 4 min ago \(\d\d:\d\d UTC\)$/),
      expect.stringMatching(/5 min ago/),
    ])
  })

  test('it stands alone where nothing tells what is deployed', () => {
    expect(shown({ changes: null, otherChanges: [scaled(3)] })).toMatch(
      /not known\n• backend was scaled/,
    )
    expect(shown({ otherChanges: [scaled(3)] })).toMatch(
      /^\*What changed last\*\n• backend was scaled/,
    )
    expect(shown({})).toBe('')
  })

  test('and at a terminal', () => {
    const table = assessmentTable(assessment({ otherChanges: [scaled(3)] }), 'production')
    expect(table).toMatch(
      /what else changed +since +by\nbackend was scaled to 5 +since 3 min \(.*\) +kubectl/,
    )
  })
})
