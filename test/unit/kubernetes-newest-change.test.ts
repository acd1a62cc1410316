import { describe, expect, test } from 'vitest'
import { newestChange } from '../../src/adapters/kubernetes/read/newest-change.ts'
import { revisionsOf } from '../../src/adapters/kubernetes/read/revisions.ts'
import { owned } from '../../src/adapters/kubernetes/read/ownership.ts'
import { Deployment, ReplicaSet } from '../../src/adapters/kubernetes/read/schema.ts'

type Json = Record<string, unknown>

const time = (clock: string) => `2026-11-22T${clock}Z`
const iso = (clock: string) => `2026-11-22T${clock}.000Z`

const template = (image: string, more: Json = {}, annotations: Json = {}) => ({
  metadata: { labels: { app: 'backend' }, annotations },
  spec: { containers: [{ name: 'app', image, ...more }] },
})

const set = (name: string, number: number, createdAt: string, of: Json, annotations: Json = {}) =>
  ReplicaSet.parse({
    metadata: {
      name,
      uid: `uid-${name}`,
      creationTimestamp: time(createdAt),
      labels: { 'pod-template-hash': name },
      annotations: { 'deployment.kubernetes.io/revision': String(number), ...annotations },
      ownerReferences: [{ kind: 'Deployment', name: 'backend', uid: 'uid', controller: true }],
    },
    spec: { template: of },
  })

const image = { 'f:image': {} }
const fieldsOf = (container: Json) => ({
  'f:spec': {
    'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"app"}': container } } },
  },
})

const entry = (manager: string, at: string, fieldsV1: Json, subresource = '') => {
  return { manager, time: time(at), operation: 'Update', subresource, fieldsV1 }
}

const deployment = (
  of: Json,
  managedFields: Json[] = [],
  meta: Json = {},
  conditions: Json[] = [],
) =>
  Deployment.parse({
    metadata: {
      name: 'backend',
      uid: 'uid',
      creationTimestamp: time('00:00:00'),
      managedFields,
      ...meta,
    },
    spec: { selector: { matchLabels: { app: 'backend' } }, template: of },
    status: { conditions },
  })

const told = (of: Deployment, ...sets: ReplicaSet[]) => {
  const found = owned(of, sets, [])
  return newestChange('api', found, revisionsOf(found, 'api'))
}

const [v1, v2] = [template('app:v1'), template('app:v2')]

describe('since when', () => {
  test('a revision that was made for its rollout tells by its age', () => {
    const late = [entry('helm', '05:00:00', fieldsOf(image))]
    const sets = [set('one', 1, '01:00:00', v1), set('two', 2, '02:00:00', v2)]
    expect(told(deployment(v2, late), ...sets)).toMatchObject({
      kind: 'version',
      since: { time: iso('02:00:00'), exact: true },
      versionSince: { time: iso('02:00:00'), exact: true },
      images: ['app:v2'],
      imagesBefore: ['app:v1'],
      by: 'helm',
    })
  })

  const history = { 'deployment.kubernetes.io/revision-history': '1' }
  const again = [set('one', 3, '01:00:00', v1, history), set('two', 2, '02:00:00', v2)]
  const completed = {
    type: 'Progressing',
    status: 'True',
    reason: 'NewReplicaSetAvailable',
    message: 'ReplicaSet "one" has successfully progressed.',
    lastUpdateTime: time('03:00:40'),
  }

  test('one that is used again tells by who wrote the template and nothing else', () => {
    const back = entry('kubectl-rollout', '03:00:00', fieldsOf(image))
    expect(told(deployment(v1, [back], {}, [completed]), ...again)).toMatchObject({
      since: { time: iso('03:00:00'), exact: true },
      by: 'kubectl-rollout',
    })
  })

  test('who writes more than the template may have written it earlier: at least', () => {
    const fields = { 'f:spec': { ...fieldsOf(image)['f:spec'], 'f:replicas': {} } }
    const helm = entry('helm', '04:00:00', fields)
    expect(told(deployment(v1, [helm], {}, [completed]), ...again)).toMatchObject({
      since: { time: iso('03:00:40'), exact: false },
    })
    expect(told(deployment(v1, [helm]), ...again)).toMatchObject({
      since: { time: iso('04:00:00'), exact: false },
    })
  })

  test('a rollout that was about another ReplicaSet says nothing', () => {
    const other = { ...completed, message: 'ReplicaSet "two" has successfully progressed.' }
    expect(told(deployment(v1, [], {}, [other]), ...again)).toMatchObject({ since: null, by: null })
  })

  test('a controller that has not seen the change yet is not believed', () => {
    const sets = [set('one', 1, '01:00:00', v1), set('two', 2, '02:00:00', v2)]
    const back = entry('kubectl-rollout', '03:00:00', fieldsOf(image))
    expect(told(deployment(v1, [back]), ...sets)).toMatchObject({
      since: { time: iso('03:00:00'), exact: true },
      imagesBefore: ['app:v2'],
    })
  })

  test('nothing is told of what is not rolled out', () => {
    expect(told(deployment(template('app:v9')), set('one', 1, '01:00:00', v1))).toBeNull()
  })
})

describe('the same images once more', () => {
  const restart = template('app:v2', {}, { 'kubectl.kubernetes.io/restartedAt': 'now' })

  test('are a restart, or other settings, with the time since when the version runs', () => {
    const sets = [set('one', 1, '01:00:00', v1), set('two', 2, '02:00:00', v2)]
    expect(told(deployment(restart), ...sets, set('three', 3, '03:00:00', restart))).toMatchObject({
      kind: 'restart',
      since: { time: iso('03:00:00'), exact: true },
      versionSince: { time: iso('02:00:00'), exact: true },
      imagesBefore: ['app:v1'],
    })
    const other = template('app:v2', { env: [{ name: 'FLAG', value: 'on' }] })
    expect(told(deployment(other), ...sets, set('three', 3, '03:00:00', other))).toMatchObject({
      kind: 'settings',
    })
  })

  test('run at least as long as is kept', () => {
    const sets = [set('two', 2, '02:00:00', v2), set('three', 3, '03:00:00', restart)]
    expect(told(deployment(restart), ...sets)).toMatchObject({
      versionSince: { time: iso('02:00:00'), exact: false },
      imagesBefore: null,
    })
  })
})

describe('by whom', () => {
  const sets = [set('one', 1, '01:00:00', v1), set('two', 2, '02:00:00', v2)]
  const by = (...entries: Json[]) => told(deployment(v2, entries), ...sets)?.by

  test('it is who owns what is not as before, and not who wrote last', () => {
    const whole = { ...fieldsOf({ 'f:name': {}, 'f:env': {} }) }
    const scaler = entry('scaler', '09:00:00', { 'f:spec': { 'f:replicas': {} } })
    const ci = entry('ci-bot', '02:00:00', fieldsOf(image))
    expect(by(entry('helm', '08:00:00', whole), ci, scaler)).toBe('ci-bot')
  })

  test('of two who agree it is the first', () => {
    const ci = entry('ci-bot', '02:00:00', fieldsOf(image))
    expect(by(entry('argocd-controller', '02:03:00', fieldsOf(image)), ci)).toBe('ci-bot')
  })

  test('it is not told where nobody owns it, or only the status', () => {
    expect(by()).toBeNull()
    expect(by(entry('status', '02:00:00', fieldsOf(image), 'status'))).toBeNull()
    expect(by(entry('', '02:00:00', fieldsOf(image)))).toBeNull()
    expect(by(entry('odd', '02:00:00', fieldsOf({ 'k:{': {}, 'v:1': {} })))).toBeNull()
  })
})

describe('why', () => {
  const cause = 'kubernetes.io/change-cause'
  const commit = 'org.opencontainers.image.revision'
  const sets = (before: Json) => [
    set('one', 1, '01:00:00', v1, before),
    set('two', 2, '02:00:00', v2),
  ]

  test('what stands on the Deployment counts when the revision before did not have it', () => {
    const annotations = { [cause]: 'fix  login\n', [commit]: '3f2a91c' }
    const of = deployment(v2, [], { annotations })
    expect(told(of, ...sets({ [cause]: 'faster search' }))).toMatchObject({
      cause: 'fix login',
      commit: '3f2a91c',
    })
    expect(told(of, ...sets(annotations))).toMatchObject({ cause: null, commit: null })
  })

  test('what stands on the pods is of this release', () => {
    const notes = {
      [commit]: 'abc',
      'org.opencontainers.image.source': 'https://git.example/shop',
      'org.opencontainers.image.authors': 'Ana',
      'org.opencontainers.image.created': '2026-11-22T01:55:00Z',
    }
    const of = template('app:v2', {}, notes)
    const all = [set('one', 1, '01:00:00', v1), set('two', 2, '02:00:00', of)]
    expect(told(deployment(of), ...all)).toMatchObject({
      commit: 'abc',
      source: 'https://git.example/shop',
      authors: 'Ana',
      builtAt: '2026-11-22T01:55:00Z',
    })
  })

  test('a label of the Deployment counts when who changed the template wrote it', () => {
    const labels = { [commit]: 'abc' }
    const labelled = { 'f:metadata': { 'f:labels': { [`f:${commit}`]: {} } } }
    const ci = entry('ci-bot', '02:00:00', { ...fieldsOf(image), ...labelled })
    expect(told(deployment(v2, [ci], { labels }), ...sets({}))?.commit).toBe('abc')
    const others = [entry('ci-bot', '02:00:00', fieldsOf(image)), entry('x', '01:00:00', labelled)]
    expect(told(deployment(v2, others, { labels }), ...sets({}))?.commit).toBeNull()
  })

  test('a command line that stands there is one short line without secrets', () => {
    const line = `kubectl set env DB_PASSWORD=hunter2-hunter2\n${'x'.repeat(9_000)}`
    const told2 = told(deployment(v2, [], { annotations: { [cause]: line } }), ...sets({}))
    expect(told2?.cause).not.toMatch(/hunter2|\n/)
    expect(told2?.cause?.length).toBeLessThanOrEqual(200)
  })
})
