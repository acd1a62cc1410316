import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import {
  configMapRules,
  JOB_RULES,
  ownerRules,
  READ_BACK_RULES,
  rules,
} from '../../src/adapters/kubernetes/client/access.ts'
import { Environment } from '../../src/config/environment.ts'
import { parseSettings } from '../../src/config/parse-settings.ts'

const folder = join(import.meta.dirname, '../../manifests/kubernetes')
const read = <T>(file: string, schema: z.ZodType<T>): T =>
  schema.parse(parse(readFileSync(join(folder, file), 'utf8')))

const Named = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
})

const Rule = z.strictObject({
  apiGroups: z.array(z.string()),
  resources: z.array(z.string()),
  verbs: z.array(z.string()),
  resourceNames: z.array(z.string()).optional(),
})

const configured = () => {
  const { data } = read('configmap.yaml', z.object({ data: z.record(z.string(), z.string()) }))
  const [parsed] = parseSettings(data['backout.yaml'] ?? '', 'backout.yaml', {})
  if ('settings' in parsed) return parsed.settings
  throw new Error(JSON.stringify(parsed.problems))
}

test('the Role grants what the code calls, and nothing else', () => {
  const { kubernetes } = configured().procedures
  const deployments = Object.values(kubernetes?.deployments ?? {})
  expect(deployments).not.toEqual([])
  const { rules: granted } = read('role.yaml', z.object({ rules: z.array(Rule) }))
  expect(granted).toEqual(rules(deployments))
})

test('what suspends others is granted apart, by name, and fits the example in backout.yaml', () => {
  const shipped = readFileSync(join(import.meta.dirname, '../../backout.yaml'), 'utf8')
  const [parsed] = parseSettings(
    shipped.replaceAll(/^( +)# (suspend:|  - \{ kind)/gm, '$1$2'),
    'it',
    {
      BACKEND_URL: 'http://backend.invalid',
      FRONTEND_URL: 'http://frontend.invalid',
    },
  )
  if (!('settings' in parsed)) throw new Error(JSON.stringify(parsed.problems))
  const suspend = parsed.settings.procedures.kubernetes?.suspend ?? []
  expect(suspend).toHaveLength(1)
  const role = read('suspend/role.yaml', Named.extend({ rules: z.array(Rule) }))
  const { namespace } = role.metadata
  expect(role.rules.map((rule) => ({ namespace, rule }))).toEqual(ownerRules(suspend))
  const { resources } = read(
    'suspend/kustomization.yaml',
    z.object({ resources: z.array(z.string()) }),
  )
  expect(resources).toEqual(['role.yaml', 'rolebinding.yaml'])
})

test('what asks each pod by itself is granted apart, and only where nobody else is', () => {
  const role = read('read-back/role.yaml', Named.extend({ rules: z.array(Rule) }))
  expect(role.rules).toEqual(READ_BACK_RULES)
  expect(role.metadata.namespace).toBe(read('role.yaml', Named).metadata.namespace)
  const granted = rules(['backend']).flatMap(({ resources }) => resources)
  expect(granted).not.toContain('pods/proxy')
  const { resources } = read(
    'read-back/kustomization.yaml',
    z.object({ resources: z.array(z.string()) }),
  )
  expect(resources).toEqual(['role.yaml', 'rolebinding.yaml'])
})

test('what changes a key of a ConfigMap is granted apart, by name, and fits the example in backout.yaml', () => {
  const shipped = readFileSync(join(import.meta.dirname, '../../backout.yaml'), 'utf8')
  const [parsed] = parseSettings(
    shipped.replace(/^ {2}# featureFlag:\n(?: {2}# {3}.*\n)+/m, (example) =>
      example
        .replaceAll(/^ {2}# /gm, '  ')
        .replace(/^ +places: .*\n/m, '')
        .replace('# places: ', 'places: '),
    ),
    'it',
    { BACKEND_URL: 'http://backend.invalid', FRONTEND_URL: 'http://frontend.invalid' },
  )
  if (!('settings' in parsed)) throw new Error(JSON.stringify(parsed.problems))
  const places = parsed.settings.procedures.featureFlag?.places ?? []
  const names = places.flatMap((place) => (place.in === 'config-map' ? [place.configMap] : []))
  expect(names).toHaveLength(1)
  const role = read('config-map/role.yaml', Named.extend({ rules: z.array(Rule) }))
  expect(role.rules).toEqual(configMapRules(names))
  expect(role.metadata.namespace).toBe(read('role.yaml', Named).metadata.namespace)
  const { resources } = read(
    'config-map/kustomization.yaml',
    z.object({ resources: z.array(z.string()) }),
  )
  expect(resources).toEqual(['role.yaml', 'rolebinding.yaml'])
})

test('what starts a Job is granted apart, in a namespace where nothing else runs', () => {
  const role = read('migration/role.yaml', Named.extend({ rules: z.array(Rule) }))
  expect(role.rules).toEqual(JOB_RULES)
  const { namespace } = role.metadata
  expect(read('migration/namespace.yaml', Named).metadata.name).toBe(namespace)
  expect(namespace).not.toBe(read('role.yaml', Named).metadata.namespace)
  const account = read(
    'migration/serviceaccount.yaml',
    Named.extend({ automountServiceAccountToken: z.literal(false) }),
  )
  expect(account.metadata).toMatchObject({ namespace, name: 'backout-migration' })
  const { resources } = read(
    'migration/kustomization.yaml',
    z.object({ resources: z.array(z.string()) }),
  )
  const files = readdirSync(join(folder, 'migration')).filter(
    (file) => file !== 'kustomization.yaml',
  )
  expect(resources.toSorted()).toEqual(files.toSorted())
})

test('of all that is granted one thing writes: the patch of the named Deployments', () => {
  const all = [...rules(['backend']), ...READ_BACK_RULES]
  const reads = new Set(['get', 'list'])
  const others = all.filter(({ verbs }) => verbs.every((verb) => reads.has(verb)))
  expect(all.filter((rule) => !others.includes(rule))).toEqual([
    {
      apiGroups: ['apps'],
      resources: ['deployments'],
      resourceNames: ['backend'],
      verbs: ['patch'],
    },
  ])
  expect(others.flatMap(({ resources }) => resources)).not.toContain('secrets')
})

test.each(['', 'suspend/', 'read-back/', 'config-map/', 'migration/'])(
  'the Role %sis bound to the ServiceAccount the pod runs as',
  (of) => {
    const account = read('serviceaccount.yaml', Named).metadata
    const role = read(`${of}role.yaml`, Named).metadata
    const binding = read(
      `${of}rolebinding.yaml`,
      Named.extend({
        roleRef: z.object({ kind: z.string(), name: z.string() }),
        subjects: z.array(z.object({ name: z.string(), namespace: z.string() })),
      }),
    )
    expect(binding.roleRef).toEqual({ kind: 'Role', name: role.name })
    expect(binding.metadata.namespace).toBe(role.namespace)
    expect(binding.subjects).toEqual([{ name: account.name, namespace: account.namespace }])
  },
)

const Pod = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({
        serviceAccountName: z.string(),
        containers: z.array(
          z.object({
            env: z.array(z.object({ name: z.string(), value: z.string().optional() })),
            volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
          }),
        ),
        volumes: z.array(
          z.object({
            name: z.string(),
            persistentVolumeClaim: z.object({ claimName: z.string() }).optional(),
          }),
        ),
      }),
    }),
  }),
})

test('the pod keeps the journal on the claimed volume, and sets only what the bot knows', () => {
  const { serviceAccountName, containers, volumes } = read('deployment.yaml', Pod).spec.template
    .spec
  expect(serviceAccountName).toBe(read('serviceaccount.yaml', Named).metadata.name)
  const [container] = containers
  const env = container?.env ?? []
  expect(env.map(({ name }) => name).filter((name) => !(name in Environment.shape))).toEqual([])
  const data = env.find(({ name }) => name === 'BACKOUT_DATA')?.value
  const mount = container?.volumeMounts.find(({ mountPath }) => mountPath === data)
  const volume = volumes.find(({ name }) => name === mount?.name)
  expect(volume?.persistentVolumeClaim?.claimName).toBe(read('pvc.yaml', Named).metadata.name)
})

test('two pods never write the journal: one replica, and the old one goes before the new one comes', () => {
  const { replicas, strategy } = read(
    'deployment.yaml',
    z.object({
      spec: z.object({ replicas: z.number(), strategy: z.object({ type: z.string() }) }),
    }),
  ).spec
  expect([replicas, strategy.type]).toEqual([1, 'Recreate'])
  const { accessModes } = read('pvc.yaml', Claim).spec
  expect(accessModes).toEqual(['ReadWriteOnce'])
})

const Claim = z.object({
  spec: z.object({
    accessModes: z.array(z.string()),
    resources: z.object({ requests: z.object({ storage: z.string().regex(/^\d+Gi$/) }) }),
  }),
})

test('the volume has room for all evidence, the reserve, and as much for the journal', () => {
  const { storage } = read('pvc.yaml', Claim).spec.resources.requests
  const bytes = Number.parseInt(storage, 10) * 2 ** 30
  const { maxTotalMegabytes, reserveMegabytes } = configured().evidence
  expect(bytes).toBeGreaterThan(2 * (maxTotalMegabytes + reserveMegabytes) * 1_000_000)
})

test('the pod can do nothing as root, and write nowhere but on its volumes', () => {
  const { securityContext: pod, containers } = read(
    'deployment.yaml',
    z.object({
      spec: z.object({
        template: z.object({
          spec: z.object({
            securityContext: z.object({ runAsNonRoot: z.boolean(), runAsUser: z.number() }),
            containers: z.array(
              z.object({
                securityContext: z.object({
                  allowPrivilegeEscalation: z.boolean(),
                  readOnlyRootFilesystem: z.boolean(),
                  capabilities: z.object({ drop: z.array(z.string()) }),
                }),
              }),
            ),
          }),
        }),
      }),
    }),
  ).spec.template.spec
  expect(pod).toEqual({ runAsNonRoot: true, runAsUser: 1000 })
  expect(containers.map(({ securityContext }) => securityContext)).toEqual([
    {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  ])
})

test('the token is mounted where the bot runs, and nowhere else by default', () => {
  const Mounts = z.object({ automountServiceAccountToken: z.boolean() })
  expect(read('serviceaccount.yaml', Mounts).automountServiceAccountToken).toBe(false)
  const { template } = read(
    'deployment.yaml',
    z.object({ spec: z.object({ template: z.object({ spec: Mounts }) }) }),
  ).spec
  expect(template.spec.automountServiceAccountToken).toBe(true)
})

const Ports = z.array(z.object({ protocol: z.string(), port: z.number() }))
const Labels = z.object({ matchLabels: z.record(z.string(), z.string()) })
const Policy = z.object({
  spec: z.object({
    podSelector: Labels,
    policyTypes: z.array(z.string()),
    ingress: z.array(z.object({ from: z.array(z.unknown()).min(1), ports: Ports })),
    egress: z.array(z.object({ ports: Ports })),
  }),
})

test('the NetworkPolicy lets in who reads metrics, and lets out to what is configured', () => {
  const { podSelector, policyTypes, ingress, egress } = read('networkpolicy.yaml', Policy).spec
  const { selector } = read(
    'deployment.yaml',
    z.object({ spec: z.object({ selector: Labels }) }),
  ).spec
  expect(podSelector).toEqual(selector)
  expect(policyTypes).toEqual(['Ingress', 'Egress'])
  expect(ingress.flatMap(({ ports }) => ports)).toEqual([{ protocol: 'TCP', port: 8080 }])

  const example = readFileSync(join(import.meta.dirname, '../../.env.example'), 'utf8')
  const addresses = [
    ...configured().services.map(({ url }) => url),
    ...[...example.matchAll(/^[A-Z_]+_URL=(http\S+)$/gm)].map(([, url = '']) => url),
  ]
  expect(addresses.length).toBeGreaterThan(3)
  const ports = addresses.map((url) => Number(new URL(url).port || 80))
  // Slack and the API server, Redis, MongoDB, and names.
  const wanted = [...ports, 443, 6443, 6379, 27017, 53]
  const open = egress.flatMap((rule) => rule.ports)
  const missing = wanted.filter(
    (port) => !open.some((one) => one.port === port && one.protocol === 'TCP'),
  )
  expect(missing).toEqual([])
  expect(open).toContainEqual({ protocol: 'UDP', port: 53 })
})

test('as shipped, the ConfigMap names approvers: without them nothing is ever rolled back', () => {
  const { users, groups } = configured().approval
  expect([...users, ...groups]).not.toEqual([])
})

test('the ConfigMap holds settings the bot accepts', () => {
  expect(configured().procedures.kubernetes?.namespace).toBe(
    read('role.yaml', Named).metadata.namespace,
  )
})

test('kustomization.yaml lists every manifest', () => {
  const { resources } = read('kustomization.yaml', z.object({ resources: z.array(z.string()) }))
  const files = readdirSync(folder).filter((file) => /^(?!kustomization).*\.yaml$/.test(file))
  expect(resources.toSorted()).toEqual(files.toSorted())
})

test('the Deployment of two is the Deployment of one, but for what two need', () => {
  const one = read('deployment.yaml', z.json())
  const two = read('ha/deployment.yaml', z.json())
  expect(differences(one, two)).toEqual([
    'spec.replicas',
    'spec.strategy.rollingUpdate',
    'spec.strategy.type',
    'spec.template.spec.affinity',
    'spec.template.spec.volumes.0.persistentVolumeClaim.claimName',
  ])
  const claim = read('ha/pvc.yaml', Named.extend({ spec: z.object({ accessModes: z.json() }) }))
  expect(JSON.stringify(two)).toContain(`"claimName":"${claim.metadata.name}"`)
  expect(claim.spec.accessModes).toEqual(['ReadWriteMany'])
  const budget = read('ha/poddisruptionbudget.yaml', z.object({ spec: z.json() }))
  expect(budget.spec).toEqual({
    minAvailable: 1,
    selector: { matchLabels: { 'app.kubernetes.io/name': 'backout' } },
  })
})

/** Where two documents differ, by the shortest paths. */
function differences(one: z.core.util.JSONType, two: z.core.util.JSONType, path = ''): string[] {
  const isBoth = [one, two].every((side) => typeof side === 'object' && side !== null)
  if (!isBoth) return one === two ? [] : [path]
  const [left, right] = [one, two].map((side) => new Map(Object.entries(side ?? {})))
  const keys = new Set([...(left?.keys() ?? []), ...(right?.keys() ?? [])])
  return [...keys].toSorted().flatMap((key) => {
    const at = path === '' ? key : `${path}.${key}`
    const [a, b] = [left?.get(key), right?.get(key)]
    return a === undefined || b === undefined ? [at] : differences(a, b, at)
  })
}
