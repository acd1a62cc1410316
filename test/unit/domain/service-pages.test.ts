import { describe, expect, test } from 'vitest'
import {
  isHealthy,
  isSameVersion,
  toldVersion,
} from '../../../src/domain/workload/service-pages.ts'

describe('a health page', () => {
  test.each([
    [200, null, true],
    [202, null, true],
    [204, null, true],
    [299, null, true],
    [199, null, false],
    [304, null, false],
    [404, null, false],
    [503, null, false],
    [401, [401], true],
    [200, [401], false],
    [204, [200, 204], true],
    [206, [200, 204], false],
  ])('HTTP %i, where %j is configured, is healthy: %s', (status, statuses, healthy) => {
    expect(isHealthy(status, statuses)).toBe(healthy)
  })
})

describe('a version page', () => {
  test.each([
    [200, '{"version":"1.9.0"}', '1.9.0'],
    [203, '{"version":" v1.9.0\\n","name":"shop"}', 'v1.9.0'],
    [404, 'not found', null],
    [404, '{"version":"of the gateway"}', null],
    [200, '<html></html>', null],
    [200, '{"version":""}', null],
    [200, '{"version":19}', null],
    [204, '', null],
  ])('HTTP %i with %j tells %j', (status, body, version) => {
    expect(toldVersion({ status, body }).version).toBe(version)
  })

  test('that is missing is told as that', () => {
    expect(toldVersion({ status: 404, body: '' })).toEqual({
      version: null,
      because: 'its version page answers HTTP 404',
    })
  })
})

describe('two names of a version', () => {
  test.each([
    ['v1.9.0', 'v1.9.0', true],
    ['v1.9.0', '1.9.0', true],
    ['V1.9.0', 'v1.9.0', true],
    ['v1.9.0', '1.9.0+20261128.3f2a91c', true],
    ['1.9.0+build.1', 'v1.9.0+build.2', true],
    ['v1.9.0', '2.0.0', false],
    ['v1.9.0', '1.9.0-rc.1', false],
    ['v1.9.0', '1.9', false],
    ['v1.9.0', 'v1.9.01', false],
    ['vnext', 'next', false],
    ['main+dirty', 'main', false],
    ['3f2a91c', 'v3f2a91c', true],
  ])('%s and %s are one: %s', (one, other, same) => {
    expect(isSameVersion(one, other)).toBe(same)
    expect(isSameVersion(other, one)).toBe(same)
  })
})
