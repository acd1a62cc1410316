import { describe, expect, test } from 'vitest'
import { configMapRead } from '../../../src/runbook/kubernetes/config-map-read.ts'

const KEY = 'MULTI_TENANT'

/** A pod template with this in its one container, and this beside it. */
const template = (container: object, pods: object = {}) => ({
  spec: { containers: [{ name: 'app', image: 'shop/backend:v2.0.0', ...container }], ...pods },
})
const entry = (name: string, key = KEY, more: object = {}) => ({
  env: [{ name: 'ANY', valueFrom: { configMapKeyRef: { name, key, ...more } } }],
})
const whole = (name: string, more: object = {}) => ({
  envFrom: [{ configMapRef: { name }, ...more }],
})
const volume = (configMap: object) => ({ volumes: [{ name: 'settings', configMap }] })
const projected = (configMap: object) => ({
  volumes: [{ name: 'settings', projected: { sources: [{ secret: {} }, { configMap }] } }],
})

const readBy = (...templates: readonly object[]) =>
  configMapRead(
    { configMap: 'general', key: KEY },
    templates.map((one, at) => ({ service: ['backend', 'worker'][at] ?? '', template: one })),
  )
const found = (configMap: string) => ({ kind: 'found', configMap })
const problem = (because: string) => ({ kind: 'problem', because })

describe('what is meant is what the pods read', () => {
  test.each([
    ['a variable of its own', template(entry('general'))],
    ['one that may be missing', template(entry('general', KEY, { optional: true }))],
    ['the whole ConfigMap', template(whole('general'))],
    ['the whole of it, with a prefix', template(whole('general', { prefix: 'APP_' }))],
    ['a volume', template({}, volume({ name: 'general' }))],
    [
      'one file of a volume',
      template({}, volume({ name: 'general', items: [{ key: KEY, path: 'x' }] })),
    ],
    ['a volume of several sources', template({}, projected({ name: 'general' }))],
    [
      'an init container',
      template({}, { initContainers: [{ name: 'first', ...entry('general') }] }),
    ],
  ])('%s', (_what, one) => {
    expect(readBy(one)).toEqual(found('general'))
  })

  test.each([
    'general-5hch2',
    'general-5hch2k',
    'general-7bf4k2gd9t',
    'general-mbtdcfhkgm',
    'general-c8a91f04',
  ])('%s, with the hash of its content', (name) => {
    expect(readBy(template(entry(name)))).toEqual(found(name))
  })

  test.each([
    'general-extra',
    'general-https',
    'general-prod',
    'general-v2',
    'generally',
    'general-',
  ])('not %s, which is another one', (name) => {
    expect(readBy(template(entry(name)))).toEqual(
      problem(`backend: its pods refer to no ConfigMap general, but to ${name}`),
    )
  })

  test('also where several services read it', () => {
    expect(readBy(template(entry('general-5hch2k')), template(whole('general-5hch2k')))).toEqual(
      found('general-5hch2k'),
    )
  })
})

describe('it is not guessed', () => {
  test('where nothing of that name is read', () => {
    expect(readBy(template({}))).toEqual(
      problem('backend: its pods refer to no ConfigMap general, nor to any other'),
    )
    const both = { ...entry('redis'), ...whole('shop') }
    expect(readBy(template(entry('general')), template(both))).toEqual(
      problem('worker: its pods refer to no ConfigMap general, but to redis and shop'),
    )
  })

  test('where several are read', () => {
    expect(readBy(template(entry('general-5hch2k')), template(entry('general-7bf4k2')))).toEqual(
      problem(
        'several ConfigMaps may be meant by general: backend reads general-5hch2k, worker reads general-7bf4k2',
      ),
    )
    expect(readBy(template({ ...entry('general'), ...whole('general-5hch2k') }))).toEqual(
      problem(
        'several ConfigMaps may be meant by general: backend reads general and general-5hch2k',
      ),
    )
  })

  test.each([
    ['another key of it', template(entry('general', 'LOG_LEVEL'))],
    [
      'other files of it',
      template({}, volume({ name: 'general', items: [{ key: 'other', path: 'x' }] })),
    ],
    [
      'it, and overrules the key',
      template({ ...whole('general'), env: [{ name: KEY, value: 'true' }] }),
    ],
  ])('where the pods read %s', (_what, one) => {
    expect(readBy(one)).toEqual(
      problem(`backend: its pods refer to ConfigMap general, and do not get ${KEY} from it`),
    )
  })

  test('where a template cannot be read', () => {
    expect(readBy({ spec: {} })).toEqual(problem('backend: its template cannot be read'))
  })
})
