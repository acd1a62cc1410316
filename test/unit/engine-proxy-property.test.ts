import fc from 'fast-check'
import { expect, test } from 'vitest'
import { differences } from '../../src/adapters/docker-proxy/like.ts'
import { imageConfig, keptLike, like, requestLike, seen } from '../support/engine-proxy.ts'

type Json = { readonly [key: string]: unknown }

/** As Go reads it: whatever the case of a key, and the last one counts. */
const asGoReads = (value: unknown): Json => {
  const fold = (key: string) => key.toLowerCase().replaceAll('ſ', 's').replaceAll('\u212a', 'k')
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, one]) => [fold(key), one]))
    : {}
}

const nothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === false ||
  value === 0 ||
  (typeof value === 'object' && Object.keys(value).length === 0)

const orNothing = (value: unknown): unknown => (nothing(value) ? null : value)

/** Fields that mean nothing to a new container, or of which something else is said below. */
const apart = ['image', 'hostname', 'labels', 'hostconfig', 'networkingconfig', 'env', 'onbuild']
const apartOnHost = ['restartpolicy', 'containeridfile', 'mounts', 'binds']

const byName = (list: unknown): Json =>
  Object.fromEntries(
    (Array.isArray(list) ? list : []).map((one) => [String(one).split('=', 1)[0], one]),
  )

/** Everything that can be reached in it: `Binds` and `Mounts` both say so. */
const places = (host: Json): string[] => {
  const binds = Array.isArray(host['binds']) ? host['binds'].map(String) : []
  const mounts = (Array.isArray(host['mounts']) ? host['mounts'] : []).map((mount) => {
    const { type, source, target, readonly } = asGoReads(mount)
    return `${String(type)} ${String(source)}:${String(target)}:${nothing(readonly) ? 'rw' : 'ro'}`
  })
  return [...binds, ...mounts].toSorted()
}

/** What a container would be that the same image is given to: what is not asked for is the image's. */
const effective = (request: unknown): Json => {
  const body = asGoReads(request)
  const image = asGoReads(imageConfig)
  const keys = [...new Set([...Object.keys(body), ...Object.keys(image)])].toSorted()
  const own = keys
    .filter((key) => !apart.includes(key))
    .map((key) => [key, orNothing(nothing(body[key]) ? image[key] : body[key])] as const)
    .filter(([, value]) => value !== null)
  const host = asGoReads(body['hostconfig'])
  const ofHost = Object.entries(host)
    .filter(([key, value]) => !apartOnHost.includes(key) && !nothing(value))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  const labels = Object.entries({ ...Object(image['labels']), ...Object(body['labels']) })
  return {
    own: Object.fromEntries(own),
    host: Object.fromEntries(ofHost),
    env: { ...byName(image['env']), ...byName(body['env']) },
    labels: Object.fromEntries(
      labels
        .filter(([name]) => !name.startsWith('backout.'))
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
    places: places(host),
    networks: Object.keys(Object(asGoReads(body['networkingconfig'])['endpointsconfig'])),
  }
}

const spellings = (key: string) =>
  fc.constantFrom(key, key, key.toLowerCase(), key.toUpperCase(), key.replace('s', 'ſ'))
const bodyKeys = [
  ...Object.keys(requestLike()),
  'Healthcheck',
  'Volumes',
  'MacAddress',
  'Shell',
  'X',
]
const hostKeys = [
  ...Object.keys(requestLike().HostConfig),
  'Links',
  'Ulimits',
  'Tmpfs',
  'OomKillDisable',
  'Init',
  'BlkioWeight',
  'Annotations',
  '__proto__',
]
const anything = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    [],
    {},
    true,
    false,
    0,
    'host',
    ['/:/host'],
    ['ALL'],
    [''],
    { a: 'b' },
    'shop_default',
  ),
  // What it has already, of this field or of another one.
  fc.constantFrom(...Object.values(seen.HostConfig), ...Object.values(seen.Config)),
  fc.jsonValue({ maxDepth: 2 }),
)
const change = fc.record({
  where: fc.constantFrom('body', 'host', 'labels', 'env', 'network', 'mount'),
  key: fc.oneof(
    fc.constantFrom(...bodyKeys).chain(spellings),
    fc.constantFrom(...hostKeys).chain(spellings),
    fc.constantFrom('backout.mark', 'backout.image', 'team', 'com.docker.compose.project'),
    fc.constantFrom('Aliases', 'IPAMConfig', 'Source', 'Target', 'Type', 'ReadOnly', 'type'),
  ),
  value: anything,
  remove: fc.boolean(),
})

type Change = typeof change extends fc.Arbitrary<infer One> ? One : never

const put = (target: unknown, key: string, value: unknown): void => {
  if (typeof target !== 'object' || target === null) return
  Object.defineProperty(target, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}

const partsOf = (body: Json): Json => {
  const { HostConfig: host = {}, Labels: labels = {}, NetworkingConfig: networking } = body
  const endpoints: unknown = Object(Object(networking).EndpointsConfig)
  const mounts: unknown = Object(host)['Mounts']
  return {
    body,
    host,
    labels,
    network: Object(endpoints)['shop_default'],
    mount: Array.isArray(mounts) ? mounts[0] : null,
  }
}

/** Some more of its variables, or one that it has not, or none at all. */
const changeEnvironment = (body: Json, value: unknown): unknown => {
  const now = Array.isArray(body['Env']) ? body['Env'] : []
  const own = Array.isArray(seen.Config['Env']) ? seen.Config['Env'] : []
  return nothing(value)
    ? own.slice(1)
    : [...own, ...now, ...(value === true ? [] : [`X=${JSON.stringify(value)}`])]
}

const changed = (changes: readonly Change[]): Json => {
  const body = requestLike()
  for (const { where, key, value, remove } of changes) {
    const target = partsOf(body)[where]
    if (where === 'env') put(body, 'Env', changeEnvironment(body, value))
    else if (remove && typeof target === 'object' && target !== null) {
      Reflect.deleteProperty(target, key)
    } else put(target, key, value)
  }
  // What comes over the wire has no other values.
  return JSON.parse(JSON.stringify(body))
}

test('whatever is asked for, what is let through differs only in its image and in labels of Backout', () => {
  const wanted = effective(requestLike())
  let through = 0
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const body = changed(changes)
      if (differences(body, like).length > 0) return
      through += 1
      const { networks, ...rest } = effective(body)
      const { networks: _, ...own } = wanted
      expect(rest).toEqual(own)
      expect(Object.keys(seen.NetworkSettings.Networks ?? {})).toEqual(
        expect.arrayContaining(networks as string[]),
      )
    }),
    { numRuns: 4_000, endOnFailure: true },
  )
  // Else nothing was tried.
  expect(through).toBeGreaterThan(50)
})

test('it is the same for one that is kept, but that compose does not know it', () => {
  const kept = effective(keptLike())
  const { labels, ...rest } = effective(requestLike())
  expect(kept).toMatchObject(rest)
  const hidden = Object.keys(Object(labels)).filter(
    (name) => !name.startsWith('com.docker.compose.'),
  )
  expect(Object.keys(Object(kept['labels']))).toEqual(hidden)
})
