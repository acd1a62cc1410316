import { describe, expect, test } from 'vitest'
import {
  at,
  deadlineMsOf,
  deployed,
  draftOf,
  leadsTo,
  planned,
  shop,
  template,
} from '../../support/kubernetes-days.ts'

const env = (value: string) => ({ env: [{ name: 'DB_POOL', value }] })
const v18 = { name: 'r1', created: at('01T10:00'), template: template('shop/backend:v1.8.0') }
const pool20 = {
  name: 'r2',
  created: at('08T10:00'),
  template: template('shop/backend:v1.9.0', env('20')),
}
const pool2 = {
  name: 'r3',
  created: at('28T03:00'),
  template: template('shop/backend:v1.9.0', env('2')),
}

describe('a release that changed only settings', () => {
  test('is taken back by the template before it, whatever the image', async () => {
    const draft = await draftOf([deployed('backend', [v18, pool20, pool2])])
    expect(leadsTo(draft)).toEqual({ backend: 'uid-r2' })
    expect(draft.title).toBe('backend back to revision 2 of v1.9.0')
    expect(draft.changes[0]?.details).toEqual(['container app: variable DB_POOL has another value'])
    expect(JSON.stringify(draft)).not.toMatch(/"20"|"2"/)
  })

  test('has a way back although no other image is kept', async () => {
    expect(leadsTo(await draftOf([deployed('backend', [pool20, pool2])]))).toEqual({
      backend: 'uid-r2',
    })
  })

  test('is found by its own version, too', async () => {
    const back = await draftOf([deployed('backend', [v18, pool20, pool2])], { toVersion: 'v1.9.0' })
    expect(leadsTo(back)).toEqual({ backend: 'uid-r2' })
  })

  test('also where it is an init container', async () => {
    const of = (tag: string) =>
      template('shop/backend:v1.9.0', {
        pods: { initContainers: [{ name: 'migrate', image: `shop/migrate:${tag}` }] },
      })
    const sets = [
      { ...pool20, template: of('v1.9.0') },
      { ...pool2, template: of('v1.9.1') },
    ]
    const draft = await draftOf([deployed('backend', sets)])
    expect(leadsTo(draft)).toEqual({ backend: 'uid-r2' })
    expect(draft.changes[0]?.details).toEqual(['init container migrate: image v1.9.1 → v1.9.0'])
  })

  test('is told in words for whatever of the template it was, without the values', async () => {
    const probe = (path: string) => ({ httpGet: { path, port: 8080 } })
    const of = (n: number, path: string) =>
      template('shop/backend:v1.9.0', {
        resources: { limits: { memory: `${n}Mi` } },
        readinessProbe: probe(path),
        volumeMounts: [{ name: 'data', mountPath: path }],
        command: ['serve', path],
        args: path === '/a' ? undefined : ['--slow'],
        pods: { volumes: [{ name: 'data', emptyDir: { sizeLimit: `${n}Mi` } }] },
      })
    const sets = [
      { ...pool20, template: of(512, '/a') },
      { ...pool2, template: of(64, '/b') },
    ]
    const draft = await draftOf([deployed('backend', sets)])
    expect(draft.changes[0]?.details).toEqual([
      'container app: its arguments are gone',
      'container app: its command differs',
      'container app: its readiness probe differs',
      'container app: its resources differ',
      'container app: its mounts differ',
      'pods: the volumes differ',
    ])
  })

  test('is no release when its pods were only restarted', async () => {
    const restarted = {
      ...template('shop/backend:v1.9.0', env('20')),
      metadata: {
        labels: { app: 'backend' },
        annotations: { 'kubectl.kubernetes.io/restartedAt': at('28T03:05') },
      },
    }
    const sets = [pool20, { ...pool2, name: 'r4', template: restarted }]
    expect(await planned([deployed('backend', sets)])).toEqual({
      because: 'backend: no earlier revision is kept that differs from what runs',
    })
  })
})

describe('what the newest release did not touch', () => {
  const backend = deployed('backend', [
    { name: 'b41', created: at('01T10:00'), template: template('shop/backend:v4.1.0') },
    { name: 'b42', created: at('28T03:00'), template: template('shop/backend:v4.2.0') },
  ])
  const of = (version: string) => template(`shop/frontend:${version}`, { app: 'frontend' })
  const f7 = { name: 'f7', created: '2026-03-01T10:00:00Z', template: of('v1.0.0') }
  const f8 = { name: 'f8', created: '2026-06-01T10:00:00Z', template: of('v2.0.0') }
  const frontend = deployed('frontend', [f7, f8])

  test('is left alone, and it is said since when it is there', async () => {
    const draft = await draftOf([backend, frontend])
    expect(leadsTo(draft)).toEqual({ backend: 'uid-b41' })
    expect(draft.cautions).toContain(
      'frontend: it stays at v2.0.0, released 2026-06-01 10:00 UTC, and is no part of this release.',
    )
  })

  test('goes back with it when all are wanted, or alone when it is named', async () => {
    const all = await draftOf([backend, frontend], { all: true })
    expect(leadsTo(all)).toEqual({ backend: 'uid-b41', frontend: 'uid-f7' })
    const only = await draftOf([backend, frontend], { service: 'frontend' })
    expect(leadsTo(only)).toEqual({ frontend: 'uid-f7' })
  })

  test('forbids no rollback of the rest: one revision, or a version that only the other has', async () => {
    expect(leadsTo(await draftOf([backend, deployed('frontend', [f8])]))).toEqual({
      backend: 'uid-b41',
    })
    const named = await draftOf([backend, frontend], { toVersion: 'v4.1.0' })
    expect(leadsTo(named)).toEqual({ backend: 'uid-b41' })
  })

  test('belongs to the release when its template came within half an hour of it', async () => {
    const soonAfter = deployed('frontend', [f7, { ...f8, created: at('28T03:29') }])
    expect(leadsTo(await draftOf([backend, soonAfter]))).toEqual({
      backend: 'uid-b41',
      frontend: 'uid-f7',
    })
    const later = deployed('frontend', [f7, { ...f8, created: at('28T03:31') }])
    expect(leadsTo(await draftOf([backend, later]))).toEqual({ frontend: 'uid-f7' })
  })
})

test('a Secret renewed right before the release does not lead a version too far back', async () => {
  const renewed = template('shop/backend:v1.9.0', env('20'))
  const metadata = { labels: { app: 'backend' }, annotations: { 'checksum/secret': 'b' } }
  const sets = [
    v18,
    pool20,
    { name: 'r3', created: at('28T02:58'), template: { ...renewed, metadata } },
    { name: 'r4', created: at('28T03:00'), template: template('shop/backend:v2.0.0', env('20')) },
  ]
  expect(leadsTo(await draftOf([deployed('backend', sets)]))).toEqual({ backend: 'uid-r3' })
})

describe('a tag that moves', () => {
  const two = (old: string, now: string) => [
    deployed('backend', [
      { name: 'r1', created: at('01T10:00'), template: template(old) },
      { name: 'r2', created: at('28T03:00'), template: template(now) },
    ]),
  ]

  test('is said to move', async () => {
    const { cautions } = await draftOf(two('shop/backend:latest', 'shop/backend:v2.0.0'))
    expect(cautions.join()).toMatch(/backend: the tag latest moves\. .* may be the bad build/)
  })

  test('is told apart by its digest where there is one', async () => {
    const [a, b] = ['a', 'b'].map((digit) => `shop/backend:stable@sha256:${digit.repeat(64)}`)
    const { changes, title, cautions } = await draftOf(two(a ?? '', b ?? ''))
    expect(changes[0]?.from).toMatch(/^stable@bbbbbbbbbbbb /)
    expect(changes[0]?.to).toMatch(/^stable@aaaaaaaaaaaa /)
    expect(title).toBe('backend back to stable@aaaaaaaaaaaa')
    expect(cautions.join()).not.toMatch(/moves/)
  })

  test('that runs now too brings its settings back, and not the image of then', async () => {
    const sets = [
      { ...pool20, template: template('shop/backend:stable', env('20')) },
      { ...pool2, template: template('shop/backend:stable', env('2')) },
    ]
    const { changes, title, cautions } = await draftOf([deployed('backend', sets)])
    expect(title).toBe('backend back to revision 1 of stable')
    expect(changes[0]?.from).toMatch(/^stable \(revision 2, /)
    expect(changes[0]?.to).toMatch(/^stable \(revision 1, /)
    expect(changes[0]?.details).toEqual(['container app: variable DB_POOL has another value'])
    expect(cautions.join()).toMatch(
      /backend: the tag stable moves, and runs now too\. Only what else differs goes back/,
    )
  })

  test('is no way back where every revision asks for it', async () => {
    expect(await planned(two('shop/backend:stable', 'shop/backend:stable'))).toEqual({
      because:
        'backend: no earlier revision is kept that differs from what runs; the tag stable moves, and what it was before cannot be had from here',
    })
  })
})

test('the version of a sidecar is not the version of the service', async () => {
  const pods = (own: string, proxy: string) =>
    template([
      { name: 'proxy', image: `nginx:${proxy}` },
      { name: 'backend', image: `shop/backend:${own}` },
    ])
  const sets = [
    { name: 'r1', created: at('01T10:00'), template: pods('1.27.0', '1.28.0') },
    { name: 'r2', created: at('28T03:00'), template: pods('1.29.0', '1.27.0') },
  ]
  const draft = await draftOf([deployed('backend', sets)], { toVersion: '1.27.0' })
  expect(leadsTo(draft)).toEqual({ backend: 'uid-r1' })
  expect(draft.versions).toEqual({ backend: ['1.27.0'] })
  expect(draft.changes[0]?.details).toEqual(['container proxy: image 1.27.0 → 1.28.0'])
})

describe('how its pods take the place of each other', () => {
  test.each([
    ['Recreate', { type: 'Recreate' }],
    [
      'all at once',
      { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '100%', maxSurge: 0 } },
    ],
  ])('is said where nobody is served meanwhile: %s', async (_what, strategy) => {
    const { cautions } = await draftOf(shop('bad', { spec: { strategy } }))
    expect(cautions.join()).toMatch(/backend: every pod ends before the first new one is ready/)
  })

  test.each([
    ['as its own controller tells', 'r2', 'NewReplicaSetAvailable', ', about 40 s the last time.'],
    ['and not of an earlier one', 'r1', 'NewReplicaSetAvailable', '.'],
    ['and not of one that is not over', 'r2', 'ReplicaSetUpdated', '.'],
  ])('says how long that took the last time, %s', async (_what, set, reason, end) => {
    const conditions = [
      {
        type: 'Progressing',
        status: 'True',
        reason,
        message: `ReplicaSet "${set}" has successfully progressed.`,
        lastUpdateTime: '2026-11-28T03:00:40Z',
      },
    ]
    const more = { spec: { strategy: { type: 'Recreate' } }, status: { conditions } }
    expect((await draftOf(shop('bad', more))).cautions).toContain(
      `backend: every pod ends before the first new one is ready. Nobody is served meanwhile${end}`,
    )
  })

  test('is not said of one that rolls', async () => {
    const { cautions } = await draftOf(shop())
    expect(cautions.join()).not.toMatch(/every pod ends/)
  })

  test.each([
    ['as long as most take', {}, 10],
    ['as long as it allows itself', { progressDeadlineSeconds: 1800, minReadySeconds: 600 }, 30],
    ['by the number of its pods', { replicas: 60, minReadySeconds: 30 }, 10],
    [
      'a few pods at a time',
      { replicas: 60, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } },
      60,
    ],
  ])('gives the step its time: %s', async (_what, spec, minutes) => {
    expect(await deadlineMsOf(shop('bad', { spec }))).toBe(minutes * 60_000)
  })
})

describe('what else decides what runs', () => {
  test.each([
    ['an OpenShift image trigger', { annotations: { 'image.openshift.io/triggers': '[]' } }],
    ['Keel', { annotations: { 'keel.sh/policy': 'force' } }],
    ['Rancher Fleet', { annotations: { 'objectset.rio.cattle.io/id': 'default-shop' } }],
    ['kapp', { labels: { 'kapp.k14s.io/app': '1' } }],
  ])('is said where it rolls forward by itself: %s', async (who, metadata) => {
    const { cautions } = await draftOf(shop('bad', { metadata }))
    expect(cautions).toContain(
      `backend: ${who} may put the newer version back. Revert it there, too.`,
    )
  })

  test('is where to go, when Flagger serves from a copy', async () => {
    const canary = { kind: 'Canary', name: 'backend', uid: 'uid-canary', controller: true }
    const primary = deployed(
      'backend-primary',
      [{ name: 'p2', created: at('28T03:00'), template: template('shop/backend:v2.0.0') }],
      { metadata: { ownerReferences: [canary] } },
    )
    const at0 = shop('bad', { spec: { replicas: 0 } })
    expect(await planned([...at0, primary], { service: 'backend' })).toEqual({
      because:
        'backend: it serves nobody: Flagger canary backend, by backend-primary, does; roll back there',
    })
    expect((await draftOf(at0)).cautions.join()).toMatch(/backend: it is scaled to 0/)
  })

  test('is where to go, when a rollout of Argo Rollouts has taken its template', async () => {
    const [target] = shop('bad', { spec: { replicas: 0 } })
    const [ours] = target?.replicaSets ?? []
    if (!target || !ours) throw new Error('there is nothing to copy')
    const owner = { kind: 'Rollout', name: 'shop', uid: 'uid-rollout', controller: true }
    const of = (readyReplicas: number) => ({
      ...ours,
      metadata: { ...ours.metadata, name: 'x', uid: 'uid-x', ownerReferences: [owner] },
      status: { readyReplicas },
    })
    const beside = (readyReplicas: number) => [
      { ...target, replicaSets: [...target.replicaSets, of(readyReplicas)] },
    ]
    expect(await planned(beside(2))).toEqual({
      because: 'backend: it serves nobody: Argo Rollouts rollout shop does; roll back there',
    })
    // One that serves nobody itself is nowhere to go.
    expect((await draftOf(beside(0))).cautions.join()).toMatch(/backend: it is scaled to 0/)
  })
})

describe('what the old template needs', () => {
  const uses = (config: string, secret = 'stripe') =>
    template('shop/backend:v1.9.0', {
      envFrom: [{ configMapRef: { name: config } }],
      env: [
        { name: 'KEY', valueFrom: { secretKeyRef: { name: secret, key: 'k' } } },
        {
          name: 'MAYBE',
          valueFrom: { configMapKeyRef: { name: 'maybe', key: 'k', optional: true } },
        },
      ],
      pods: { serviceAccountName: 'backend', priorityClassName: 'high' },
    })
  const before = (then: ReturnType<typeof template>) => [
    deployed('backend', [
      { name: 'r1', created: at('01T10:00'), template: then },
      { name: 'r2', created: at('28T03:00'), template: uses('config-2') },
    ]),
  ]
  const config = (name: string, created: string) => ({
    metadata: { name, uid: `uid-${name}`, creationTimestamp: created } as never,
  })

  test('and is gone makes the way back impossible, by its name', async () => {
    expect(await planned(before(uses('config-1')))).toEqual({
      because: 'backend: revision 1 would not start: ConfigMap config-1 is not there any more',
    })
  })

  const needing = (pods: Readonly<Record<string, unknown>>) =>
    before(template('shop/backend:v1.9.0', { pods }))
  const volume = (source: object) => ({ volumes: [{ name: 'v', ...source }] })
  const claim = volume({ persistentVolumeClaim: { claimName: 'uploads' } })
  const projected = volume({ projected: { sources: [{ configMap: { name: 'ca' } }] } })

  test.each([
    ['a volume claim', 'PersistentVolumeClaim uploads', needing(claim)],
    ['a service account', 'ServiceAccount shop', needing({ serviceAccountName: 'shop' })],
    ['a mounted ConfigMap', 'ConfigMap ca', needing(volume({ configMap: { name: 'ca' } }))],
    ['a projected one', 'ConfigMap ca', needing(projected)],
    [
      'that of an init container',
      'ConfigMap ca',
      needing({
        initContainers: [
          { name: 'i', image: 'shop/i:v1', envFrom: [{ configMapRef: { name: 'ca' } }] },
        ],
      }),
    ],
  ])('and is gone is told whatever it is: %s', async (_what, name, parts) => {
    expect(await planned(parts)).toEqual({
      because: `backend: revision 1 would not start: ${name} is not there any more`,
    })
  })

  test.each([
    ['a mounted Secret', 'Secret tls', volume({ secret: { secretName: 'tls' } })],
    ['one to pull images with', 'Secret pull', { imagePullSecrets: [{ name: 'pull' }] }],
    ['a priority', 'PriorityClass top', { priorityClassName: 'top' }],
  ])('and cannot be looked at is for people to see, whatever it is: %s', async (_w, name, pods) => {
    expect((await draftOf(needing(pods))).cautions).toContain(
      `backend: see to it that ${name} is still there: Backout may not look.`,
    )
  })

  test('and calls optional is not needed', async () => {
    const pods = volume({ secret: { secretName: 'tls', optional: true } })
    expect((await draftOf(needing(pods))).cautions.join()).not.toMatch(/Secret tls/)
  })

  test('and is there is no word, and was changed since is said with its time', async () => {
    const old = { configmaps: [config('config-1', at('01T09:00'))] }
    const draft = await draftOf(before(uses('config-1')), {}, old)
    expect(draft.cautions.join()).not.toMatch(/ConfigMap config-1/)
    const changed = { configmaps: [config('config-1', at('28T03:05'))] }
    expect((await draftOf(before(uses('config-1')), {}, changed)).cautions).toContain(
      'backend: ConfigMap config-1 was changed since, 2026-11-28 03:05 UTC, and stays as it is.',
    )
  })

  test('and may not be looked at is for people to see: a Secret is never read', async () => {
    const draft = await draftOf(before(uses('config-2', 'stripe-old')))
    expect(draft.cautions).toContain(
      'backend: see to it that Secret stripe-old is still there: Backout may not look.',
    )
  })

  test('and runs now as well is there: its pods run with it', async () => {
    const draft = await draftOf(
      before({ ...uses('config-2'), metadata: { labels: { app: 'backend', v: '1' } } }),
    )
    expect(draft.cautions.join()).not.toMatch(/see to it|was changed since/)
  })
})
