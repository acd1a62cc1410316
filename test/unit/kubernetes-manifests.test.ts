import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
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

const HA = '../kubernetes-ha'

test('one command has all that two need, and the image and settings stand at one place', () => {
  const two = read(`${HA}/deployment.yaml`, z.json())
  // A patch: all else is what one has.
  expect(pathsOf(two)).toEqual([
    'apiVersion',
    'kind',
    'metadata.name',
    'metadata.namespace',
    'spec.replicas',
    'spec.strategy.rollingUpdate.maxSurge',
    'spec.strategy.rollingUpdate.maxUnavailable',
    'spec.strategy.type',
    'spec.template.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution',
    'spec.template.spec.volumes',
  ])
  expect(two).toMatchObject({
    spec: { replicas: 2, strategy: { type: 'RollingUpdate' } },
  })
  // Found by these names in what it changes.
  expect(objectsIn('.')).toContain(objectOf(two))
  const claim = read(`${HA}/pvc.yaml`, Named.extend({ spec: z.object({ accessModes: z.json() }) }))
  const claimed = { claimName: claim.metadata.name }
  const volume = { name: 'data', persistentVolumeClaim: claimed }
  expect(two).toMatchObject({ spec: { template: { spec: { volumes: [volume] } } } })
  const { volumes } = read('deployment.yaml', Pod).spec.template.spec
  expect(volumes.filter(({ persistentVolumeClaim }) => persistentVolumeClaim)).toMatchObject([
    { name: volume.name },
  ])
  expect(claim.spec.accessModes).toEqual(['ReadWriteMany'])
  const budget = read(`${HA}/poddisruptionbudget.yaml`, z.object({ spec: z.json() }))
  expect(budget.spec).toEqual({
    minAvailable: 1,
    selector: { matchLabels: { 'app.kubernetes.io/name': 'backout' } },
  })
})

test('two reach their journal: a policy of their own lets them out to PostgreSQL', () => {
  const { podSelector, policyTypes, egress } = read(
    `${HA}/networkpolicy.yaml`,
    z.object({ spec: Policy.shape.spec.omit({ ingress: true }) }),
  ).spec
  expect(podSelector).toEqual(read('networkpolicy.yaml', Policy).spec.podSelector)
  expect([policyTypes, egress]).toEqual([
    ['Egress'],
    [{ ports: [{ protocol: 'TCP', port: 5432 }] }],
  ])
})

test.each(folders())('kustomization of %s: what it names is there, and no object twice', (at) => {
  const objects = objectsIn(at)
  expect(objects).not.toEqual([])
  expect(objects.filter((one, index) => objects.indexOf(one) !== index)).toEqual([])
  const own = readdirSync(join(folder, at)).filter((file) => file.endsWith('.yaml'))
  const named = [...read(join(at, KUSTOMIZATION), Kustomization).resources, ...patchesOf(at)]
  // One that is left out would be forgotten without a word.
  expect(own.filter((file) => file !== KUSTOMIZATION && !named.includes(file))).toEqual([])
  // kubectl refuses a folder that takes in one that it lies in, and files of another folder.
  const others = named.filter((one) => one.includes('/'))
  const whole = others.map((one) => join(folder, at, one))
  expect(whole.filter((one) => join(folder, at).startsWith(`${one}/`))).toEqual([])
  expect(whole.filter((one) => !existsSync(join(one, KUSTOMIZATION)))).toEqual([])
})

test('every command of the docs and manifests that applies a folder can be given as it stands', () => {
  const root = join(folder, '../..')
  const texts = [
    'README.md',
    ...['docs', 'manifests'].flatMap((under) =>
      readdirSync(join(root, under), { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.(md|yaml)$/.test(file))
        .map((file) => join(under, file)),
    ),
  ].map((file) => readFileSync(join(root, file), 'utf8'))
  const named = texts.flatMap((text) =>
    [...text.matchAll(/kubectl apply -[kf] (manifests\/[\w/-]+)/g)].map(([, at = '']) => at),
  )
  expect(named).toContain('manifests/kubernetes-ha')
  expect(named.filter((at) => !existsSync(join(root, at, KUSTOMIZATION)))).toEqual([])
  expect(texts.filter((text) => /kubectl apply -f manifests/.test(text))).toEqual([])
})

test('the volume of one is not made for two', () => {
  const objects = objectsIn(HA)
  expect(objects.filter((one) => one.startsWith('PersistentVolumeClaim'))).toEqual([
    'PersistentVolumeClaim backout/backout-shared',
  ])
  // All else that one has, two have.
  const missing = objectsIn('.').filter((one) => !objects.includes(one))
  expect(missing).toEqual(['PersistentVolumeClaim backout/backout-data'])
})

test('the page for signing is reached at its port, also while Slack is down', () => {
  const port = Environment.shape.BACKOUT_SIGNING_PORT.parse(undefined)
  const { containers, volumes } = read('deployment.yaml', Signing).spec.template.spec
  expect(containers[0]?.ports).toContainEqual({ name: 'signing', containerPort: port })
  const { spec, metadata } = read('signing/service.yaml', Reached)
  const { podSelector, policyTypes, ingress } = read(
    'signing/networkpolicy.yaml',
    z.object({ spec: Policy.shape.spec.omit({ egress: true }) }),
  ).spec
  expect(spec.ports).toEqual([{ name: 'https', port, targetPort: 'signing' }])
  // Not ready, as /readyz has it, is what a pod is then.
  expect(spec.publishNotReadyAddresses).toBe(true)
  expect(spec.selector).toEqual(podSelector.matchLabels)
  expect(policyTypes).toEqual(['Ingress'])
  expect(ingress.flatMap(({ ports }) => ports)).toEqual([{ protocol: 'TCP', port }])
  // Its certificate, which need not be there.
  expect(volumes).toContainEqual({
    name: 'signing',
    secret: { secretName: metadata.name, optional: true },
  })
  expect(containers[0]?.volumeMounts).toContainEqual({
    name: 'signing',
    mountPath: '/signing',
    readOnly: true,
  })
})

const Signing = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({
        containers: z.array(z.object({ ports: z.json(), volumeMounts: z.json() })),
        volumes: z.json(),
      }),
    }),
  }),
})

const Reached = Named.extend({
  spec: z.object({
    publishNotReadyAddresses: z.boolean(),
    selector: z.record(z.string(), z.string()),
    ports: z.json(),
  }),
})

const KUSTOMIZATION = 'kustomization.yaml'
const Kustomization = z.object({
  resources: z.array(z.string()),
  patches: z
    .array(z.union([z.object({ path: z.string() }), z.object({ patch: z.string() })]))
    .default([]),
})

/** Every folder that can be applied by its name. */
function folders(): readonly string[] {
  const within = readdirSync(folder, { withFileTypes: true }).filter((one) => one.isDirectory())
  return ['.', HA, ...within.map(({ name }) => name)]
}

function patchesOf(at: string): readonly string[] {
  const { patches } = read(join(at, KUSTOMIZATION), Kustomization)
  return patches.flatMap((one) => ('path' in one ? [one.path] : []))
}

/** What is made of it, by kind and name, with what its patches take away left out. */
function objectsIn(at: string): readonly string[] {
  const { resources, patches } = read(join(at, KUSTOMIZATION), Kustomization)
  const made = resources.flatMap((one) =>
    one.endsWith('.yaml') ? documentsIn(join(at, one)).map(objectOf) : objectsIn(join(at, one)),
  )
  const gone = patches.flatMap((one) => {
    const patch: unknown = 'patch' in one ? parse(one.patch) : {}
    return z.object({ $patch: z.literal('delete') }).safeParse(patch).success
      ? [objectOf(patch)]
      : []
  })
  // What is taken away has to be there.
  expect(gone.filter((one) => !made.includes(one))).toEqual([])
  return made.filter((one) => !gone.includes(one))
}

function documentsIn(file: string): readonly unknown[] {
  const text = readFileSync(join(folder, file), 'utf8')
  return parseAllDocuments(text).map((one): unknown => one.toJS())
}

function objectOf(document: unknown): string {
  const { kind, metadata } = Named.extend({ kind: z.string() }).parse(document)
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`
}

/** Where a document says something, lists as a whole. */
function pathsOf(document: z.core.util.JSONType, path = ''): readonly string[] {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return [path]
  return Object.keys(document)
    .toSorted()
    .flatMap((key) => pathsOf(document[key] ?? null, path === '' ? key : `${path}.${key}`))
}
