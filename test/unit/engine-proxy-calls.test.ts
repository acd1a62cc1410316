import { describe, expect, test } from 'vitest'
import { callOf } from '../../src/adapters/docker-proxy/calls.ts'
import { newImage, shopId } from '../support/engine-proxy.ts'

const of = (line: string) => {
  const [method = '', url = ''] = line.split(' ')
  const call = callOf(method, url)
  return typeof call === 'string' ? 'refused' : call.name
}
const container = `/containers/${shopId}`

describe('a call of Backout is known', () => {
  test.each([
    ['ping', 'GET /_ping'],
    ['version', 'GET /v1.41/version'],
    ['info', 'GET /v1.41/info'],
    ['list', 'GET /v1.41/containers/json?all=true'],
    ['list', 'GET /containers/json'],
    ['inspect', `GET /v1.41${container}/json`],
    ['logs', `GET /v1.51${container}/logs?stdout=true&stderr=true&tail=100&since=1764357000.5`],
    ['stats', `GET ${container}/stats?stream=false`],
    ['changes', `GET ${container}/changes`],
    ['images', 'GET /v1.41/images/json'],
    ['image', `GET /v1.41/images/${newImage}/json`],
    ['image', `GET /v1.41/images/registry.example:5000/shop/backend@${newImage}/json`],
    ['distribution', `GET /v1.41/distribution/registry.example/shop/backend@${newImage}/json`],
    ['events', 'GET /events?since=1.5&until=2&filters=%7B%22type%22%3A%5B%22container%22%5D%7D'],
    ['create', 'POST /v1.41/containers/create?name=shop-backend-1-next-abc'],
    ['connect', 'POST /v1.41/networks/shop_default/connect'],
    ['update', `POST /v1.41${container}/update`],
    ['start', `POST ${container}/start`],
    ['stop', `POST ${container}/stop`],
    ['rename', `POST ${container}/rename?name=shop-backend-1`],
    ['remove', `DELETE ${container}?v=false&force=false&link=false`],
    ['forget', 'DELETE /images/backout-kept/backend:3f2a91c0d4e5?force=false&noprune=true'],
    ['commit', `POST /commit?container=${shopId}&repo=backout-kept/backend&tag=x&pause=false`],
    ['pull', `POST /images/create?fromImage=registry.example/shop/backend&tag=${newImage}`],
  ])('%s: %s', (name, line) => {
    expect(of(line)).toBe(name)
  })
})

describe('refused by its first line alone', () => {
  test.each([
    ['a path that climbs out of its version', 'POST /v1.41/../containers/create?name=x'],
    ['the same, escaped', 'POST /v1.41/%2e%2e/containers/create?name=x'],
    ['a slash that is escaped', 'POST /containers%2fcreate?name=x'],
    ['two slashes', 'POST //containers/create?name=x'],
    ['two slashes inside', 'POST /v1.41//containers/create?name=x'],
    ['a slash at the end', 'POST /v1.41/containers/create/?name=x'],
    ['another case', 'POST /v1.41/Containers/create?name=x'],
    ['a backslash', 'POST /v1.41/containers\\create?name=x'],
    ['a version that is a path', 'POST /v1.41/v1.40/containers/create?name=x'],
    ['a version that is none', 'POST /v2/containers/create?name=x'],
    ['a whole address', 'GET http://elsewhere/_ping'],
    ['a fragment', `GET ${container}/json#/../../exec`],
    ['a line break', 'GET /_ping\r\nX:1'],
    ['a semicolon', `POST ${container};/start`],
    ['a name in place of an id', 'POST /containers/shop-backend-1/stop'],
    ['the beginning of an id', `POST /containers/${shopId.slice(0, 12)}/stop`],
    ['a climb through the name of an image', 'GET /images/x/../../containers/json'],
    ['a climb through the name of a network', 'POST /networks/../connect'],
    ['the same thing asked twice', 'POST /containers/create?name=a&name=b'],
    ['a thing that nobody asks', 'POST /containers/create?name=a&platform=linux/arm64'],
    ['a name with a slash', 'POST /containers/create?name=a%2Fb'],
    ['no name', 'POST /containers/create'],
    ['an image out of an archive', 'POST /images/create?fromSrc=-'],
    ['the same beside a pull', `POST /images/create?fromImage=x&tag=${newImage}&fromSrc=-`],
    ['changes of what is pulled', `POST /images/create?fromImage=x&tag=${newImage}&changes=USER 0`],
    ['a pull by a tag, which moves', 'POST /images/create?fromImage=x&tag=latest'],
    ['a removal by force', `DELETE ${container}?force=true`],
    ['a removal with its volumes', `DELETE ${container}?v=1`],
    ['a log without an end', `GET ${container}/logs?tail=1&follow=true`],
    ['numbers without an end', `GET ${container}/stats`],
    [
      'events without an end',
      'GET /events?since=1&filters=%7B%22type%22%3A%5B%22container%22%5D%7D',
    ],
    ['events of all kinds', 'GET /events?since=1&until=2'],
    [
      'an image that takes the name of another',
      `POST /commit?container=${shopId}&repo=postgres&tag=16&pause=false`,
    ],
    [
      'an image with another command',
      `POST /commit?container=${shopId}&repo=backout-kept/backend&tag=x&pause=false&changes=CMD`,
    ],
    ['a kept image by force', 'DELETE /images/backout-kept/backend:a?force=true&noprune=true'],
    ['what it was built on', 'DELETE /images/backout-kept/backend:a?force=false&noprune=false'],
    ['a kept image as it comes', 'DELETE /images/backout-kept/backend:a'],
    ['all kept images', 'DELETE /images/backout-kept/backend?force=false&noprune=true'],
    ['a climb', 'DELETE /images/backout-kept/../postgres:16?force=false&noprune=true'],
    ['another image', 'DELETE /images/postgres:16?force=false&noprune=true'],
    ['an image by its id', `DELETE /images/sha256:${'a'.repeat(64)}?force=false&noprune=true`],
    ['exec', `POST ${container}/exec`],
    ['exec that is there', `POST /exec/${shopId}/start`],
    ['attach', `POST ${container}/attach?stream=1`],
    ['a file put into it', `PUT ${container}/archive?path=/`],
    ['a file read out of it', `GET ${container}/archive?path=/etc/shadow`],
    ['all of its files', `GET ${container}/export`],
    ['kill', `POST ${container}/kill`],
    ['build', 'POST /build'],
    ['session', 'POST /session'],
    ['a volume', 'POST /volumes/create'],
    ['a volume removed', 'DELETE /volumes/journal'],
    ['a network', 'POST /networks/create'],
    ['a plug-in', 'POST /plugins/pull?remote=x'],
    ['a swarm', 'POST /swarm/init'],
    ['a prune', 'POST /containers/prune'],
    ['an image removed', `DELETE /images/${newImage}`],
    ['HEAD', 'HEAD /_ping'],
    ['a method that is made up', `BREW ${container}/start`],
  ])('%s: %s', (_, line) => {
    expect(of(line)).toBe('refused')
  })

  test('a refusal says in a sentence what it refuses', () => {
    expect(callOf('POST', '/v1.41/build')).toBe(
      'POST /build is not among the calls that Backout makes.',
    )
    expect(callOf('POST', '/containers/create?name=a&name=b')).toBe('name is given twice.')
  })
})
