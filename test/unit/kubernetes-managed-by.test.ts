import { expect, test } from 'vitest'
import { managedBy } from '../../src/adapters/kubernetes/read/managed-by.ts'
import { Autoscaler, Deployment } from '../../src/adapters/kubernetes/read/schema.ts'

type Json = Record<string, unknown>

const metadata = (name: string, more: Json = {}) => ({
  name,
  uid: `uid-${name}`,
  creationTimestamp: '2026-11-22T12:00:00Z',
  ...more,
})

const ownedBy = (kind: string, name: string, controller = true) => ({
  ownerReferences: [{ kind, name, uid: `uid-${name}`, controller }],
})

const managers = (meta: Json, hpas: Autoscaler[] = []) => {
  const template = { spec: { containers: [] } }
  const spec = { selector: {}, template }
  const deployment = Deployment.parse({ metadata: metadata('backend', meta), spec })
  return managedBy(deployment, 'production', hpas)
}
const said = (...given: Parameters<typeof managers>) => managers(...given).map(({ says }) => says)

const tracking = (id: string) => ({ annotations: { 'argocd.argoproj.io/tracking-id': id } })

const flux = (kind: string) => ({ [`${kind}/name`]: 'shop', [`${kind}/namespace`]: 'flux' })

const scaler = (name: string, target: Json, more: Json = {}) =>
  Autoscaler.parse({
    metadata: metadata(name, more),
    spec: { scaleTargetRef: target, minReplicas: 2, maxReplicas: 10 },
  })

const backend = { kind: 'Deployment', name: 'backend' }

test('nobody', () => {
  const others = [
    scaler('a', { kind: 'Deployment', name: 'frontend' }),
    scaler('b', { kind: 'StatefulSet', name: 'backend' }),
  ]
  const labels = { 'app.kubernetes.io/instance': 'shop' }
  expect(said({ labels }, others)).toEqual([])
})

test('Argo CD, when the annotation means this very object', () => {
  expect(said(tracking('shop:apps/Deployment:production/backend'))).toEqual([
    'Argo CD application shop',
  ])
  expect(said(tracking('shop:apps/Deployment:staging/backend'))).toEqual([])
  expect(said(tracking('shop:apps/Deployment:production/backend-canary'))).toEqual([])
  expect(said({ managedFields: [{ manager: 'argocd-controller' }] })).toEqual(['Argo CD'])
})

test('Flux, and not the Helm it runs', () => {
  const annotations = { 'meta.helm.sh/release-name': 'shop' }
  expect(said({ labels: flux('kustomize.toolkit.fluxcd.io') })).toEqual([
    'Flux Kustomization flux/shop',
  ])
  expect(said({ annotations, labels: flux('helm.toolkit.fluxcd.io') })).toEqual([
    'Flux HelmRelease flux/shop',
  ])
  expect(said({ managedFields: [{ manager: 'kustomize-controller' }] })).toEqual(['Flux'])
})

test('Helm, by its annotation or its label', () => {
  const annotations = { 'meta.helm.sh/release-name': 'shop' }
  expect(said({ annotations })).toEqual(['Helm release shop'])
  const labels = { 'app.kubernetes.io/managed-by': 'Helm' }
  expect(said({ labels })).toEqual(['Helm'])
})

test('a controller that owns it, and no mere owner', () => {
  expect(said(ownedBy('Rollout', 'shop'))).toEqual(['Rollout shop'])
  expect(said(ownedBy('Rollout', 'shop', false))).toEqual([])
})

test('an autoscaler, by its name', () => {
  expect(said({}, [scaler('backend', backend)])).toEqual(['autoscaler backend (2–10)'])
})

test('KEDA, by the label or the owner of the autoscaler it made', () => {
  const keda = ['KEDA scaled object queue (at most 10)']
  const labels = { 'scaledobject.keda.sh/name': 'queue' }
  expect(said({}, [scaler('keda-hpa-queue', backend, { labels })])).toEqual(keda)
  const byOwner = scaler('renamed', backend, ownedBy('ScaledObject', 'queue'))
  expect(said({}, [byOwner])).toEqual(keda)
})

test('what it is kept by can be found again, and whether it only scales', () => {
  const argo = (id: string) => managers(tracking(`${id}:apps/Deployment:production/backend`))
  expect(argo('shop')).toMatchObject([
    { scales: false, owner: { kind: 'Application', namespace: null, name: 'shop' } },
  ])
  expect(argo('team-a_shop')).toMatchObject([{ owner: { namespace: 'team-a', name: 'shop' } }])
  expect(managers({ labels: flux('helm.toolkit.fluxcd.io') })).toMatchObject([
    { scales: false, owner: { kind: 'HelmRelease', namespace: 'flux', name: 'shop' } },
  ])
  const keda = scaler('keda', backend, { labels: { 'scaledobject.keda.sh/name': 'queue' } })
  expect(managers({}, [keda, scaler('plain', backend)])).toMatchObject([
    { scales: true, owner: { kind: 'ScaledObject', namespace: 'production', name: 'queue' } },
    { scales: true, owner: null },
  ])
})
