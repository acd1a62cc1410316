import { describe, expect, test } from 'vitest'
import type { Release, Rollout } from '../../../src/ports/deployment-state.ts'
import { versionOf } from '../../../src/domain/workload/workload.ts'
import type { Deployments, WorkloadWrite, Written } from '../../../src/ports/deployments.ts'
import { outsideContract, patience } from './outside.ts'
import type { Outside } from './outside.ts'

/** `backend` and `frontend`, each on v2.0.0 after v1.9.0, complete and ready; nobody else's hands. */
export type WritesFixture = {
  readonly deployments: Deployments
  /** Somebody else deploys, and does not wait. */
  readonly deploy: (service: string, version: string) => Promise<void>
  readonly removeRevision: (service: string, version: string) => Promise<void>
  /** Somebody edits by hand what is kept of the version. */
  readonly editRevision: (service: string, version: string) => Promise<void>
  /** Time goes by. */
  readonly pass: (ms: number) => Promise<void>
  /** A version whose image cannot be had. */
  readonly missing: string
  /** Values that stand in the templates and in the logs, and must not be shown. */
  readonly secrets: readonly string[]
}

export type WritesSubject = Outside<Deployments> & {
  readonly start: () => Promise<WritesFixture>
  /** Where there are annotations: a `backend` without any, nor on its pods, of which nothing was rolled out yet. */
  readonly bare?: () => Promise<WritesFixture>
}

type Change = WorkloadWrite['change']

const services = ['backend', 'frontend']
const cause = 'backout 20261122-abcd plan 1'

const never: Release = {
  service: 'backend',
  name: 'backend',
  uid: '5d1a1a9e-0000-4000-a000-000000000000',
  generation: 1,
  replicas: 1,
  pace: { servesMeanwhile: true, lastTookMs: null, allowedMs: 600_000 },
  paused: false,
  ownedBy: null,
  servedBy: null,
  templateIsOurs: false,
  managedBy: [],
  lastWrite: null,
  lockedImages: [],
  changed: null,
  current: null,
  previous: [],
}

const send = (
  { deployments }: Pick<WritesFixture, 'deployments'>,
  seen: Release,
  change: Change,
  { key = 'write-1', dryRun = false, signal = patience() } = {},
): Promise<Written> => deployments.write({ seen, change }, { key, cause, dryRun, signal })

const releaseOf = async ({ deployments }: WritesFixture): Promise<Release> => {
  const [release] = await deployments.releases(['backend'], patience())
  if (!release) throw new Error('there is no backend')
  return release
}

const rolloutOf = async ({ deployments }: WritesFixture): Promise<Rollout> => {
  const [rollout] = await deployments.rollouts(['backend'], patience())
  if (!rollout) throw new Error('there is no backend')
  return rollout
}

/** Looks until it is so; what it saw on the way comes with it, the last look at the end. */
const watch = async (fixture: WritesFixture, good: (seen: Rollout) => boolean) => {
  const seen: Rollout[] = []
  for (let looks = 0; looks < 300; looks += 1) {
    const rollout = await rolloutOf(fixture)
    seen.push(rollout)
    if (good(rollout)) return { seen, last: rollout }
    await fixture.pass(50)
  }
  throw new Error(`it never came to be: ${JSON.stringify(seen.at(-1))}`)
}

const previousOf = ({ previous }: Release): Extract<Change, { kind: 'template' }> => {
  const [to] = previous
  if (!to) throw new Error('there is nothing to return to')
  return { kind: 'template', to }
}

const versions = (release: Release): (string | undefined)[] =>
  [release.current, ...release.previous].map((one) => one?.images.map(versionOf).join())

/** Only where it is told exactly. */
const sinceMs = ({ changed }: Release): number =>
  changed?.since?.exact ? Date.parse(changed.since.time) : Number.NaN

const textsOf = async ({ deployments }: Pick<WritesFixture, 'deployments'>) => {
  const texts = new Map<string, string>()
  for await (const piece of deployments.evidence('backend', patience())) {
    if ('skipped' in piece) continue
    let text = ''
    for await (const part of piece.text) text += part
    texts.set(piece.name, text)
  }
  return texts
}

export function workloadWritesContract(name: string, subject: WritesSubject): void {
  describe(`${name} keeps the promises of Deployments that writes are made of`, () => {
    test('releases tell what is asked for and what came before, with their templates', async () => {
      const { deployments } = await subject.start()
      const releases = await deployments.releases([...services, 'no-such-service'], patience())
      expect(releases.map(({ service }) => service)).toEqual(services)
      for (const release of releases) {
        expect(release).toMatchObject({ name: release.service, paused: false, lastWrite: null })
        expect(release).toMatchObject({ ownedBy: null, managedBy: [] })
        expect(release.replicas).toBeGreaterThan(0)
        expect(versions(release).slice(0, 2)).toEqual(['v2.0.0', 'v1.9.0'])
        for (const { images, template } of [release.current!, ...release.previous]) {
          expect(JSON.stringify(template)).toContain(JSON.stringify(images[0]))
          expect(JSON.stringify(template)).not.toContain('pod-template-hash')
        }
      }
      expect(new Set(releases.map(({ uid }) => uid)).size).toBe(2)
    })

    test('a sighting is a release without who else writes, and who did last', async () => {
      const { deployments } = await subject.start()
      const releases = await deployments.releases(services, patience())
      const seen = await deployments.sightings([...services, 'no-such-service'], patience())
      expect(seen).toEqual(
        releases.map((release) => {
          const { managedBy, servedBy, changed, ...sighting } = release
          expect({ managedBy, servedBy }).toEqual({ managedBy: [], servedBy: null })
          expect(changed?.service).toBe(release.service)
          return sighting
        }),
      )
    })

    test('a rollout that is over is complete, and waits for nothing', async () => {
      const { deployments } = await subject.start()
      const rollouts = await deployments.rollouts([...services, 'no-such-service'], patience())
      expect(rollouts.map(({ service }) => service)).toEqual(services)
      const releases = await deployments.releases(services, patience())
      for (const [index, rollout] of rollouts.entries()) {
        expect(rollout).toMatchObject({ complete: true, others: 0, failed: null, troubles: [] })
        expect(rollout.desired).toBeGreaterThan(0)
        expect(rollout.ready).toBe(rollout.desired)
        expect(rollout.uid).toBe(releases[index]?.uid)
        expect(rollout.templateHash).toBe(releases[index]?.current?.templateHash)
      }
    })

    test('a template is put back exactly as it was, and its pods take the place of the others', async () => {
      const fixture = await subject.start()
      const before = await releaseOf(fixture)
      const change = previousOf(before)
      expect(await send(fixture, before, change)).toEqual({ kind: 'written' })
      const { seen, last } = await watch(fixture, ({ complete }) => complete)
      const after = await releaseOf(fixture)

      expect(versions(after).slice(0, 2)).toEqual(['v1.9.0', 'v2.0.0'])
      expect(after.current).toMatchObject({ uid: change.to.uid, template: change.to.template })
      expect(after.current?.number).toBeGreaterThan(before.current?.number ?? 0)
      expect(after.previous[0]).toEqual(before.current)
      expect(after).toMatchObject({ uid: before.uid, replicas: before.replicas })
      expect(after.generation).toBeGreaterThan(before.generation)
      expect(after.lastWrite).toBe('write-1')

      expect(last).toMatchObject({ templateHash: change.to.templateHash, others: 0, failed: null })
      expect(last.ready).toBe(last.desired)
      expect(seen.every(({ failed }) => failed === null)).toBe(true)
      expect(seen.some(({ others }) => others > 0)).toBe(true)
      expect(seen.filter(({ others, complete }) => complete && others > 0)).toEqual([])
      const [listed] = await fixture.deployments.list(['backend'], patience())
      expect(listed?.current?.images.map(versionOf)).toEqual(['v1.9.0'])
      // Its revision is as old as it was: what is told is when it was used again.
      expect(listed?.changed).toMatchObject({ kind: 'version', by: 'backout', cause })
      expect(listed?.changed?.imagesBefore).toEqual(before.current?.images)
      expect(sinceMs(after)).toBeGreaterThanOrEqual(Date.parse(before.current?.createdAt ?? ''))
      expect(sinceMs(after)).toBeGreaterThan(Date.parse(after.current?.createdAt ?? ''))
      expect(listed?.changed).toEqual(after.changed)
      expect(listed).toMatchObject({ ready: last.desired, updated: last.desired })
    })

    test('what was written is not written a second time', async () => {
      const fixture = await subject.start()
      const before = await releaseOf(fixture)
      const change = previousOf(before)
      await send(fixture, before, change)
      expect(await send(fixture, before, change, { key: 'write-2' })).toEqual({
        kind: 'changed-meanwhile',
      })
      expect(await releaseOf(fixture)).toMatchObject({
        generation: before.generation + 1,
        lastWrite: 'write-1',
      })
    })

    test('of those who write at once one wins', async () => {
      const fixture = await subject.start()
      const before = await releaseOf(fixture)
      const keys = ['one', 'two', 'three', 'four']
      const writes = await Promise.all(
        keys.map((key) => send(fixture, before, previousOf(before), { key })),
      )
      const won = keys.filter((_, index) => writes[index]?.kind === 'written')
      expect(won).toHaveLength(1)
      expect(writes.filter(({ kind }) => kind === 'changed-meanwhile')).toHaveLength(3)
      expect(await releaseOf(fixture)).toMatchObject({
        generation: before.generation + 1,
        lastWrite: won[0],
      })
    })

    test('nothing is written over what somebody else deployed', async () => {
      const fixture = await subject.start()
      const before = await releaseOf(fixture)
      await fixture.deploy('backend', 'v2.0.1')
      const theirs = await watch(fixture, ({ complete }) => complete)
      const deployed = await releaseOf(fixture)
      expect(await send(fixture, before, previousOf(before))).toEqual({ kind: 'changed-meanwhile' })
      expect(await releaseOf(fixture)).toEqual(deployed)
      expect(await rolloutOf(fixture)).toEqual(theirs.last)
      expect(versions(deployed)[0]).toBe('v2.0.1')
      // The reason that stands there is the one of the release before.
      expect(deployed.changed).toMatchObject({ kind: 'version', by: 'ci-bot', cause: null })
    })

    test.each<Partial<Release>>([
      { uid: never.uid },
      { name: 'no-such-service' },
      { generation: 0 },
    ])('a workload that is not the one that was seen is left alone (%o)', async (other) => {
      const fixture = await subject.start()
      const before = await releaseOf(fixture)
      const write = send(fixture, { ...before, ...other }, { kind: 'replicas', to: 7 })
      expect(await write).toEqual({ kind: 'changed-meanwhile' })
      expect(await releaseOf(fixture)).toEqual(before)
    })

    test('a dry run says the same, and changes nothing', async () => {
      const fixture = await subject.start()
      const before = await releaseOf(fixture)
      const dry = { dryRun: true }
      const { to } = previousOf(before)
      const said = await send(fixture, before, previousOf(before), dry)
      const { spec } = to.template as { readonly spec: unknown }
      expect(said).toMatchObject({ kind: 'written', admitted: { spec } })
      expect(await releaseOf(fixture)).toEqual(before)
      expect((await rolloutOf(fixture)).complete).toBe(true)
      const stale = { ...before, generation: before.generation + 1 }
      expect(await send(fixture, stale, previousOf(before), dry)).toEqual({
        kind: 'changed-meanwhile',
      })
    })

    test('what a rollback leaves is marked in the same write, until another one lifts the mark', async () => {
      const fixture = await subject.start()
      const before = await releaseOf(fixture)
      const images = ['example.test/backend:v2.0.0', 'example.test/backend:v2.0.1']
      const marking = { ...previousOf(before), lock: { images, renewed: true } }
      expect(before.lockedImages).toEqual([])
      const { to: admitted } = previousOf(before)
      expect(await send(fixture, before, marking, { dryRun: true })).toMatchObject({
        kind: 'written',
        admitted: { spec: (admitted.template as { readonly spec: unknown }).spec },
      })
      expect(await releaseOf(fixture)).toEqual(before)

      expect(await send(fixture, before, marking)).toEqual({ kind: 'written' })
      const marked = await releaseOf(fixture)
      expect(marked.lockedImages).toEqual(images)
      expect(await send(fixture, marked, { kind: 'restart' })).toEqual({ kind: 'written' })
      await watch(fixture, ({ complete }) => complete)
      const restarted = await releaseOf(fixture)
      expect(restarted.lockedImages).toEqual(images)

      const lifting = {
        kind: 'template',
        to: before.current!,
        lock: { images: [], renewed: false },
      }
      expect(await send(fixture, restarted, lifting as Change)).toEqual({ kind: 'written' })
      expect((await releaseOf(fixture)).lockedImages).toEqual([])
    })

    test('a template is put back also when its revision is gone', async () => {
      const fixture = await subject.start()
      const before = await releaseOf(fixture)
      const change = previousOf(before)
      await fixture.removeRevision('backend', 'v1.9.0')
      const without = await releaseOf(fixture)
      expect(versions(without)).not.toContain('v1.9.0')
      expect(without.generation).toBe(before.generation)
      expect(await send(fixture, before, change)).toEqual({ kind: 'written' })
      await watch(fixture, ({ complete }) => complete)
      expect((await releaseOf(fixture)).current?.template).toEqual(change.to.template)
    })

    test('a template is ours until somebody else writes it', async () => {
      const fixture = await subject.start()
      const before = await releaseOf(fixture)
      expect(before.templateIsOurs).toBe(false)
      await send(fixture, before, previousOf(before))
      await watch(fixture, ({ complete }) => complete)
      expect((await releaseOf(fixture)).templateIsOurs).toBe(true)
      expect(await rolloutOf(fixture)).toMatchObject({ templateIsOurs: true, lastWrite: 'write-1' })
      await fixture.deploy('backend', 'v2.0.0')
      expect((await releaseOf(fixture)).templateIsOurs).toBe(false)
    })

    test('what is kept can be edited: it has the same names then, and another content', async () => {
      const fixture = await subject.start()
      const { to } = previousOf(await releaseOf(fixture))
      expect(to.sha256).toMatch(/^[0-9a-f]{64}$/)
      expect(previousOf(await releaseOf(fixture)).to.sha256).toBe(to.sha256)
      await fixture.editRevision('backend', 'v1.9.0')
      const now = previousOf(await releaseOf(fixture)).to
      expect(now).toMatchObject({ uid: to.uid, templateHash: to.templateHash, images: to.images })
      expect(now.sha256).not.toBe(to.sha256)
    })

    test('zero is complete when no pod is left, and there is a way back from it', async () => {
      const fixture = await subject.start()
      const before = await releaseOf(fixture)
      expect(await send(fixture, before, { kind: 'replicas', to: 0 })).toEqual({ kind: 'written' })
      await watch(fixture, ({ complete }) => complete)
      expect(await rolloutOf(fixture)).toMatchObject({ desired: 0, ready: 0, others: 0 })
      const [listed] = await fixture.deployments.list(['backend'], patience())
      expect(listed).toMatchObject({ desired: 0, ready: 0 })
      expect(await fixture.deployments.logs('backend', { tail: 1, signal: patience() })).toEqual([])

      const empty = await releaseOf(fixture)
      expect(empty).toMatchObject({ replicas: 0, current: before.current })
      // How many there are is no change of what runs.
      expect(empty.changed).toEqual(before.changed)
      const up = { kind: 'replicas', to: before.replicas } as const
      expect(await send(fixture, empty, up)).toEqual({ kind: 'written' })
      const { last } = await watch(fixture, ({ complete }) => complete)
      expect(last).toMatchObject({ desired: before.replicas, ready: before.replicas })
    })

    test('a template is put back while nothing runs, and its pods come up with it', async () => {
      const fixture = await subject.start()
      const before = await releaseOf(fixture)
      await send(fixture, before, { kind: 'replicas', to: 0 })
      await watch(fixture, ({ complete }) => complete)
      await send(fixture, await releaseOf(fixture), previousOf(before))
      expect((await watch(fixture, ({ complete }) => complete)).last.desired).toBe(0)
      await send(fixture, await releaseOf(fixture), { kind: 'replicas', to: 1 })
      const { seen, last } = await watch(fixture, ({ complete }) => complete)
      expect(last).toMatchObject({ templateHash: before.previous[0]?.templateHash, ready: 1 })
      expect(seen.every(({ others }) => others === 0)).toBe(true)
    })

    test('a restart makes new pods of the same images', async () => {
      const fixture = await subject.start()
      const podsBefore = await fixture.deployments.logs('backend', { tail: 1, signal: patience() })
      const before = await releaseOf(fixture)
      expect(await send(fixture, before, { kind: 'restart' })).toEqual({ kind: 'written' })
      await watch(fixture, ({ complete, ending }) => complete && ending.length === 0)
      const after = await releaseOf(fixture)
      expect(after.current?.images).toEqual(before.current?.images)
      expect(after.current?.uid).not.toBe(before.current?.uid)
      const { since, versionSince } = before.changed ?? {}
      expect(after.changed).toMatchObject({ kind: 'restart', by: 'backout', versionSince })
      expect(after.changed?.imagesBefore?.map(versionOf)).toEqual(['v1.9.0'])
      expect(sinceMs(after)).toBeGreaterThanOrEqual(Date.parse(since?.time ?? ''))
      expect(JSON.stringify(after.current?.template)).toContain('restartedAt')
      const podsAfter = await fixture.deployments.logs('backend', { tail: 1, signal: patience() })
      expect(podsAfter).toHaveLength(podsBefore.length)
      const old = new Set(podsBefore.map(({ source }) => source))
      expect(podsAfter.filter(({ source }) => old.has(source))).toEqual([])
    })

    test('an image that cannot be had fails the rollout, in the words of its system', async () => {
      const fixture = await subject.start()
      await fixture.deploy('backend', fixture.missing)
      const { last } = await watch(fixture, ({ failed }) => failed !== null)
      expect(last.failed).toMatch(/ImagePullBackOff: .*missing/)
      expect(last.troubles.join('\n')).toContain(last.failed)
      expect(last).toMatchObject({ complete: false, ready: 0 })
      expect(last.others).toBeGreaterThan(0)

      // The way back from there is not held to be broken by what it leaves.
      const broken = await releaseOf(fixture)
      await send(fixture, broken, previousOf(broken))
      const { seen } = await watch(fixture, ({ complete }) => complete)
      expect(seen.filter(({ failed }) => failed !== null)).toEqual([])
      expect(versions(await releaseOf(fixture))[0]).toBe('v2.0.0')
    })

    test('the same world is read the same twice', async () => {
      const { deployments } = await subject.start()
      const look = async () => [
        await deployments.releases(services, patience()),
        await deployments.rollouts(services, patience()),
      ]
      expect(await look()).toEqual(await look())
    })

    test('evidence holds what there is and what it wrote, and no secret', async () => {
      const fixture = await subject.start()
      const texts = await textsOf(fixture)
      const names = [...texts.keys()]
      expect(names.slice(0, 4)).toEqual(
        ['deployment', 'replicasets', 'pods', 'events'].map((one) => `backend/${one}.json`),
      )
      const logs = names.slice(4)
      expect(logs.length).toBe((await rolloutOf(fixture)).ready)
      for (const log of logs) {
        expect(log).toMatch(/^backend\/backend-\w+-\w+\/backend\.log$/)
        expect(texts.get(log)).toContain('starting')
        expect(texts.get(log)).toContain('***')
      }
      for (const file of names.slice(0, 4)) JSON.parse(texts.get(file) ?? '')
      const { uid, current, previous } = await releaseOf(fixture)
      expect(texts.get('backend/deployment.json')).toContain(uid)
      for (const kept of [current, ...previous]) {
        expect(texts.get('backend/replicasets.json')).toContain(kept?.uid)
      }
      expect(texts.get('backend/deployment.json')).toContain('MONGODB_URI')
      const whole = [...texts.values()].join('\n')
      expect(whole).toContain('[redacted]')
      for (const secret of fixture.secrets) expect(whole).not.toContain(secret)
    })

    test('evidence of a service that is not there is none', async () => {
      const { deployments } = await subject.start()
      const pieces = []
      for await (const one of deployments.evidence('no-such-service', patience())) pieces.push(one)
      expect(pieces).toEqual([])
    })

    const { bare } = subject
    if (bare) {
      test.each<Change>([{ kind: 'replicas', to: 3 }, { kind: 'restart' }])(
        'a Deployment that nobody annotated yet is written like any other (%o)',
        async (change) => {
          const fixture = await bare()
          const before = await releaseOf(fixture)
          const dry = { dryRun: true }
          expect(await send(fixture, before, change, dry)).toEqual({ kind: 'written' })
          expect(await releaseOf(fixture)).toEqual(before)
          expect(await send(fixture, before, change)).toEqual({ kind: 'written' })
          const { generation } = before
          const written = { generation: generation + 1, lastWrite: 'write-1' }
          expect(await releaseOf(fixture)).toMatchObject(written)
          expect(await send(fixture, before, change, { key: 'write-2' })).toEqual({
            kind: 'changed-meanwhile',
          })
          expect(await releaseOf(fixture)).toMatchObject(written)
        },
      )
    }

    outsideContract(subject, {
      'a look at the releases': (deployments, signal) => deployments.releases(services, signal),
      'a sighting': (deployments, signal) => deployments.sightings(services, signal),
      'a look at the rollouts': (deployments, signal) => deployments.rollouts(services, signal),
      // There is no connection yet, so nothing was sent.
      'a write': (deployments, signal) =>
        send({ deployments }, never, { kind: 'restart' }, { signal }),
      evidence: async (deployments, signal) => {
        for await (const one of deployments.evidence('backend', signal)) return one
        return null
      },
    })
  })
}
