import { writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { stringify } from 'yaml'
import { missingAllowed } from '../servers/find.ts'
import { startPrometheus, type PrometheusServer } from '../servers/prometheus.ts'
import { askRedis, startRedis, type RedisServer } from '../servers/redis.ts'
import { freshFolder, type FreshFolder } from '../servers/spawn.ts'
import { AssessmentJson, exitCodes } from '../support/assessment-json.ts'
import { runCli } from '../support/cli.ts'
import { closedPort } from '../support/contracts/outside.ts'
import { queriesFor, writtenPast } from '../support/written-past.ts'

const WELL = { case: 'well' }
const GONE = { case: 'gone', targetsUp: 0 }

type Page = (response: ServerResponse, asked: number, path: string) => void

const says =
  (
    status: number,
    body: string,
    type = 'application/json',
    more: Record<string, string> = {},
  ): Page =>
  (response) =>
    response.writeHead(status, { 'content-type': type, ...more }).end(body)

const json = (status: number, body: unknown) => says(status, JSON.stringify(body))
const LOGIN = '<!doctype html><title>Sign in</title>'
const ok = json(200, { status: 'ok' })

describe.skipIf((['prometheus', 'redis'] as const).some(missingAllowed))(
  'what "down" means, to real servers and a real Prometheus whose numbers are well',
  () => {
    let folder: FreshFolder
    let prometheus: PrometheusServer
    let redis: RedisServer

    beforeAll(async () => {
      folder = await freshFolder('health')
      redis = await startRedis({ args: [] })
      await askRedis(redis.host, redis.port, 'SET active_users_count 100')
      prometheus = await startPrometheus({ openmetrics: writtenPast([WELL, GONE], Date.now()) })
    })
    afterAll(async () => {
      await Promise.all([prometheus, redis].map((server) => server?.stop()))
      await folder[Symbol.asyncDispose]()
    })

    /** A service whose health page is this; everything else is not found. */
    async function service(page: Page): Promise<string> {
      let asked = 0
      const server = createServer((request, response) => {
        const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
        if (path === '/version') return json(200, { version: 'v2.0.0' })(response, 0, path)
        if (path.startsWith('/health')) asked += 1
        return page(response, asked, path)
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      onTestFinished(() => void server.close())
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    }

    async function assess(
      urls: readonly string[],
      {
        own = {},
        past = WELL.case,
        changes = {},
      }: { own?: object; past?: string; changes?: Record<string, unknown> } = {},
    ) {
      const file = join(folder.path, 'backout.yaml')
      const names = ['backend', 'frontend']
      await writeFile(
        file,
        stringify({
          environment: 'production',
          slack: { channels: ['C0INCIDENTS'] },
          services: urls.map((url, index) => ({ name: names[index], url, ...own })),
          prometheus: { ...queriesFor(past), staleAfterSeconds: 300 },
          ...changes,
        }),
      )
      const ran = await runCli(['assess', '--json', '--config', file], {
        PROMETHEUS_URL: prometheus.url,
        REDIS_URL: redis.url,
      })
      expect(ran.complaints).toBe('')
      const read = AssessmentJson.parse(JSON.parse(ran.output))
      expect(ran.exitCode).toBe(exitCodes[read.decision])
      const because = (rule: string) => read.rules.find((one) => one.rule === rule)?.because ?? ''
      return { ...read, because }
    }

    const both = async (page: Page) => Promise.all([service(page), service(page)])

    test.each([
      ['401', json(401, {}), /HTTP 401: it refuses our credentials/],
      ['403', json(403, {}), /HTTP 403: it refuses our credentials/],
      ['404', says(404, '<html>404</html>', 'text/html'), /HTTP 404: .*path/],
      ['429', json(429, {}), /HTTP 429: it is asked too often/],
      [
        '302 elsewhere',
        says(302, '', 'text/html', { location: 'https://sso.example/login' }),
        /HTTP 302: it sends us elsewhere/,
      ],
      [
        'a page of a load balancer',
        says(200, '<html>Welcome to nginx!</html>', 'text/html'),
        /page for people/,
      ],
      [
        'a login page on the same host',
        (response: ServerResponse, _: number, path: string) =>
          path === '/login'
            ? says(200, LOGIN, 'text/html')(response, 0, path)
            : says(302, '', 'text/html', { location: '/login' })(response, 0, path),
        /of \/login, where it sends us/,
      ],
    ] as const)(
      'all health pages answer %s: it cannot be judged, and that is no outage',
      async (_, page, why) => {
        const found = await assess(await both(page))
        expect(found.decision).toBe('person-decides')
        expect(found.rules.find(({ rule }) => rule === 'complete-outage')?.matched).toBe('unknown')
        expect(found.because('complete-outage')).toMatch(
          /cannot judge health, because backend answers/,
        )
        expect(found.because('complete-outage')).toMatch(why)
        expect(found.because('complete-outage')).toContain('(3 of 3)')
      },
    )

    test('the same, and Prometheus sees every target down: an outage', async () => {
      const found = await assess(await both(json(404, {})), { past: GONE.case })
      expect([found.decision, found.reasons[0]]).toEqual(['roll-back', 'complete-outage'])
    })

    test('one of two cannot be judged: a person decides, and reads which one', async () => {
      const found = await assess([await service(json(401, {})), await service(ok)])
      expect([found.decision, found.reasons[0]]).toEqual(['person-decides', 'partial-outage'])
      expect(found.because('partial-outage')).toMatch(
        /^cannot judge health, because backend answers HTTP 401/,
      )
    })

    test.each([
      ['503', json(503, { status: 'down' })],
      ['200 that says unhealthy', json(200, { status: 'unhealthy' })],
    ] as const)('all health pages answer %s: an outage', async (_, page) => {
      const found = await assess(await both(page))
      expect([found.decision, found.reasons[0]]).toEqual(['roll-back', 'complete-outage'])
    })

    test('refused connections with all else well: Prometheus has to confirm', async () => {
      const closed = async () => `http://127.0.0.1:${await closedPort()}`
      const urls = [await closed(), await closed()]
      const well = await assess(urls)
      expect(well.decision).toBe('person-decides')
      expect(well.because('complete-outage')).toMatch(/^not known: .*refused/)
      const gone = await assess(urls, { past: GONE.case })
      expect([gone.decision, gone.reasons[0]]).toEqual(['roll-back', 'complete-outage'])
    })

    test('what the settings call healthy is healthy, and what they do not is not', async () => {
      const own = { expect: { json: [{ path: '$.checks.db', equals: 'up' }] } }
      const up = await assess(await both(json(200, { checks: { db: 'up' } })), { own })
      expect(up.decision).toBe('do-not')
      const down = await assess(await both(json(200, { checks: { db: 'away' } })), { own })
      expect([down.decision, down.reasons[0]]).toEqual(['roll-back', 'complete-outage'])
      const page = says(200, LOGIN, 'text/html')
      const html = await assess(await both(page), { own: { expect: { contentType: 'text/html' } } })
      expect(html.decision).toBe('do-not')
    })

    test('one failed answer of three does not decide, two do, and the answer says how many', async () => {
      const failing =
        (times: number): Page =>
        (response, asked, path) =>
          (asked <= times ? json(503, {}) : ok)(response, asked, path)
      const once = await assess([await service(failing(1))])
      expect(once.decision).toBe('do-not')
      const twice = await assess([await service(failing(2))])
      expect([twice.decision, twice.reasons[0]]).toEqual(['roll-back', 'complete-outage'])
      expect(twice.because('complete-outage')).toContain('HTTP 503 (2 of 3), HTTP 200 (1 of 3)')
    })
  },
)
