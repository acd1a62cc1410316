import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Environment } from '../../../src/config/environment.ts'
import { loadConfig, type Need } from '../../../src/config/load-config.ts'
import { WrongConfiguration } from '../../../src/config/problem.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'backout-config-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const settings = `environment: staging
slack:
  channels: [C0INCIDENTS]
services:
  - name: backend
    url: \${BACKEND_URL}
  - name: frontend
    url: http://frontend.test
procedures:
  kubernetes:
    namespace: production
    deployments: { backend: api }
`

const right = {
  BACKEND_URL: 'http://backend.test',
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1',
}

function load(
  text: string | null,
  variables: NodeJS.ProcessEnv = right,
  needs: readonly Need[] = ['slack'],
) {
  const file = join(folder, 'backout.yaml')
  if (text === null) rmSync(file, { force: true })
  else writeFileSync(file, text)
  return loadConfig({ file, variables, needs })
}

function problemsOf(...asked: Parameters<typeof load>): string[] {
  try {
    load(...asked)
    return []
  } catch (error) {
    if (!(error instanceof WrongConfiguration)) throw error
    return error.problems.map(({ where, what }) => `${where}: ${what}`)
  }
}

describe('what is verified', () => {
  const chain = (service: string) => `${settings}verification:
  items:
    searchWorks:
      kind: chain
      steps:
        - service: backend
          path: /api/login
          method: POST
          body: { json: { service: not-one-of-ours, password: "\${CHECK_PASSWORD}" } }
          save: { token: $.token }
        - service: ${service}
          path: /api/search?q=a<b>
          headers: { Authorization: "Bearer \${saved.token}" }
`
  const variables = { ...right, CHECK_PASSWORD: 'tr0ub4dor' }

  test('takes secrets from the environment, and leaves what is saved for later', () => {
    const { items } = load(chain('backend'), variables).verification
    expect(items).toHaveLength(12)
    expect(items.find(({ id }) => id === 'search-works')).toMatchObject({
      by: 'backout',
      check: {
        steps: [
          { body: { json: { password: 'tr0ub4dor' } } },
          { headers: { Authorization: 'Bearer ${saved.token}' } },
        ],
      },
    })
    expect(problemsOf(chain('backend'))).toEqual([
      'backout.yaml:21: CHECK_PASSWORD is not set in the environment',
    ])
  })

  test('names services that there are', () => {
    expect(problemsOf(chain('backnd'), variables)).toEqual([
      'backout.yaml:23: verification.items.searchWorks.steps[1].service: "backnd" is not a service; did you mean "backend"?',
    ])
  })

  test('an item that a team has not is left out', () => {
    const { items } = load(
      `${settings}verification: { items: { uploadsWork: null } }\n`,
    ).verification
    expect(items).toHaveLength(11)
  })
})

describe('a right configuration', () => {
  test('says how far apart what came together may be', () => {
    const windowOf = (text: string) => load(text).runbook.kubernetes?.releaseWindowMs
    expect(windowOf(settings)).toBe(30 * 60_000)
    expect(windowOf(`${settings}    releaseWindowMinutes: 5\n`)).toBe(5 * 60_000)
  })

  test('says what an assessment needs to know', () => {
    expect(load(`${settings}deadlineSeconds: 2\n`).assess).toMatchObject({
      services: [{ name: 'backend', url: 'http://backend.test' }, { name: 'frontend' }],
      deadlineMs: 2_000,
      activeUsersKey: 'active_users_count',
      deployed: { services: ['backend'] },
    })
    expect(load(settings.replace(/procedures:[^]*/, '')).assess.deployed).toBeNull()
  })

  test('carries the authorities it names, read', () => {
    const pem = join(folder, 'ca.pem')
    writeFileSync(pem, 'a certificate')
    const { authorities } = load(settings, { ...right, REDIS_CA_FILE: pem })
    expect(authorities).toMatchObject({ redis: 'a certificate', mongodb: undefined })
  })

  test('needs no Slack for an assessment', () => {
    expect(problemsOf(settings, { BACKEND_URL: 'http://backend.test' }, [])).toEqual([])
  })
})

describe('headers for Prometheus', () => {
  const withHeaders = (headers: string) => `${settings}prometheus:\n  headers: ${headers}\n`

  test('may hold a variable of the environment, and are no part of what an assessment knows', () => {
    const text = withHeaders('{ X-Scope-OrgID: "${TENANT}" }')
    const config = load(text, { ...right, TENANT: 'shop|web' })
    expect(config.settings.prometheus.headers).toEqual({ 'X-Scope-OrgID': 'shop|web' })
    expect(JSON.stringify([config.assess, config.runbook, config.evidence])).not.toContain('shop|')
  })

  test.each([
    ['{ Authorization: hunter2 }', 'Authorization'],
    ['{ HOST: hunter2 }', 'HOST'],
    ['{ "X Scope": hunter2 }', 'X Scope'],
    ['{ X-Scope-OrgID: "hunter2\\r\\nX-Other: 1" }', 'X-Scope-OrgID'],
    ['{ X-Scope-OrgID: "" }', 'X-Scope-OrgID'],
    ['{ X-Scope-OrgID: 12 }', 'X-Scope-OrgID'],
  ])('%s is refused, and its value not told', (headers, name) => {
    const [problem, ...more] = problemsOf(withHeaders(headers))
    expect(more).toEqual([])
    expect(problem).toContain(`prometheus.headers.${name}`)
    expect(problem).not.toContain('hunter2')
  })
})

describe('pagers', () => {
  const all = `${settings}paging:
  pagerduty: { eventsUrl: "https://events.eu.pagerduty.com/" }
  jiraServiceManagement: {}
  webhook: { idempotent: true }
  occasions: { declared: high, signatureMissing: 0 }
`
  const keys = {
    BACKOUT_PAGERDUTY_ROUTING_KEY: 'R'.repeat(32),
    BACKOUT_JSM_API_KEY: 'k',
    BACKOUT_PAGING_WEBHOOK_URL: 'https://ntfy.sh/topic',
  }

  test('are none unless they are named, and then call for a critical incident and a relapse', () => {
    const { paging } = load(settings).settings
    expect(paging).toEqual({
      occasions: { declared: 'critical', relapse: true, signatureMissing: 2 },
      directMessages: false,
    })
    expect(load(all, { ...right, ...keys }).settings.paging).toMatchObject({
      pagerduty: { eventsUrl: 'https://events.eu.pagerduty.com' },
      jiraServiceManagement: { canRead: false },
      webhook: { idempotent: true },
      occasions: { declared: 'high', relapse: true, signatureMissing: 0 },
    })
  })

  test('that are named have to be reachable: what each lacks is told, all at once', () => {
    expect(problemsOf(all)).toEqual([
      'backout.yaml:14: paging.pagerduty: BACKOUT_PAGERDUTY_ROUTING_KEY is missing, so nobody can be called',
      'backout.yaml:15: paging.jiraServiceManagement: BACKOUT_JSM_API_KEY is missing, so nobody can be called',
      'backout.yaml:16: paging.webhook: BACKOUT_PAGING_WEBHOOK_URL is missing, so nobody can be called',
    ])
    expect(problemsOf(all, { BACKEND_URL: 'http://backend.test' }, [])).toEqual([])
  })

  test.each([
    ['paging: { pagerduty: { routingKey: hunter2 } }', /paging\.pagerduty/],
    ['paging: { opsgenie: {} }', /paging/],
    ['paging: { occasions: { declared: severe } }', /paging\.occasions\.declared/],
    ['paging: { occasions: { signatureMissing: -1 } }', /paging\.occasions\.signatureMissing/],
    ['paging: { pagerduty: { eventsUrl: "ftp://x" } }', /paging\.pagerduty\.eventsUrl/],
  ])('%s is refused', (text, where) => {
    const [problem, ...more] = problemsOf(`${settings}${text}\n`, { ...right, ...keys })
    expect(more).toEqual([])
    expect(problem).toMatch(where)
    expect(problem).not.toContain('hunter2')
  })

  test('have secrets of their own, which are never told', () => {
    const wrong = {
      BACKOUT_PAGERDUTY_ROUTING_KEY: 'hunter2',
      BACKOUT_PAGING_WEBHOOK_URL: 'hunter2',
    }
    const problems = problemsOf(settings, { ...right, ...wrong })
    expect(problems).toHaveLength(2)
    expect(problems.join()).not.toContain('hunter2')
  })
})

describe('what is missing is told', () => {
  test('no file', () => {
    expect(problemsOf(null)).toEqual([
      `${join(folder, 'backout.yaml')}: the settings: there is no such file`,
    ])
  })

  test('a folder in place of the file', () => {
    mkdirSync(join(folder, 'folder.yaml'), { recursive: true })
    const asked = { file: join(folder, 'folder.yaml'), variables: right, needs: [] }
    expect(() => loadConfig(asked)).toThrow(/cannot be read \(EISDIR\)/)
  })

  test.each([
    ['socket', ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN']],
    ['http', ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET']],
  ])('what Slack needs in %s mode', (mode, names) => {
    const text = settings.replace('slack:\n', `slack:\n  mode: ${mode}\n`)
    const { BACKEND_URL } = right
    expect(problemsOf(text, { BACKEND_URL })).toEqual(
      names.map((name) => expect.stringContaining(`environment: ${name} is missing`)),
    )
  })

  test('what Slack needs in either mode, where the mode cannot be read', () => {
    const text = settings.replace('slack:\n', 'slack:\n  mode: sockets\n')
    expect(problemsOf(text, { BACKEND_URL: right.BACKEND_URL })).toEqual([
      expect.stringContaining('SLACK_BOT_TOKEN is missing'),
      expect.stringMatching(/SLACK_APP_TOKEN is missing for slack\.mode socket, and SLACK_SIGN/),
      expect.stringMatching(/^backout\.yaml:3: slack\.mode: /),
    ])
    expect(problemsOf(text)).toHaveLength(1)
  })

  test('with a hint at a typing error, which nothing that is empty or known can be', () => {
    const { SLACK_BOT_TOKEN: _, ...rest } = right
    const missing =
      'environment: SLACK_BOT_TOKEN is missing: the bot token of the Slack app, which starts with xoxb-'
    expect(problemsOf(settings, { ...rest, SLACK_BOT_TOKN: 'xoxb-1' })).toEqual([
      `${missing}; SLACK_BOT_TOKN is set, is that a typing error?`,
    ])
    expect(problemsOf(settings, { ...rest, SLACK_BOT_TOKN: '' })).toEqual([missing])
    expect(problemsOf(settings, { ...rest, SLACK_BOT_TOKEN: '' })).toEqual([missing])
    expect(problemsOf(settings, { BACKEND_URL: rest.BACKEND_URL })).toEqual([
      missing,
      'environment: SLACK_APP_TOKEN is missing (slack.mode is socket): the app-level token, which starts with xapp-',
    ])
  })

  test('an authority that cannot be read, by the name of its variable', () => {
    const variables = { ...right, PROMETHEUS_CA_FILE: '/nowhere/ca.pem' }
    expect(problemsOf(settings, variables)).toEqual([
      'environment: PROMETHEUS_CA_FILE: there is no such file',
    ])
  })
})

describe('the key that signs checkpoints', () => {
  const name = 'BACKOUT_CHECKPOINT_KEY_FILE'
  const written = (text: string) => {
    const file = join(folder, 'key.pem')
    writeFileSync(file, text)
    return file
  }
  const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString()

  test('is read', () => {
    const pem = pemOf(generateKeyPairSync('ed25519').privateKey)
    expect(load(settings, { ...right, [name]: written(pem) }).checkpointKey).toBe(pem)
    expect(load(settings, right).checkpointKey).toBeNull()
  })

  test.each([
    ['of another kind', pemOf(generateKeyPairSync('x25519').privateKey)],
    [
      'its public half',
      generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    ],
    ['no key', 'hunter2'],
    ['empty', ''],
  ])('%s is refused, and not shown', (_what, text) => {
    expect(problemsOf(settings, { ...right, [name]: written(text) })).toEqual([
      'environment: BACKOUT_CHECKPOINT_KEY_FILE is no private Ed25519 key in PEM; make one with: openssl genpkey -algorithm ed25519',
    ])
  })
})

describe('what does not fit together is told', () => {
  test.each([
    ['errorsElevatedPercent: 50', 'errorsElevatedPercent (50)', 'errorsCriticalPercent (50)'],
    ['errorsCriticalPercent: 4', 'errorsElevatedPercent (5)', 'errorsCriticalPercent (4)'],
    [
      'loginFailuresElevatedPercent: 11',
      'loginFailuresElevatedPercent (11)',
      'loginFailuresCriticalPercent (10)',
    ],
    ['latencyElevatedPercent: 60', 'latencyElevatedPercent (60)', 'latencyHighPercent (50)'],
    ['latencyMinorPercent: 20', 'latencyMinorPercent (20)', 'latencyElevatedPercent (20)'],
  ])('limits that cross: %s', (line, lower, upper) => {
    expect(problemsOf(`${settings}matrix: { ${line} }\n`)).toEqual([
      `backout.yaml:13: matrix.${lower} must be below matrix.${upper}`,
    ])
  })

  test('drills where the real thing is, or its news', () => {
    const own = 'drills need a channel of their own, a private one'
    expect(problemsOf(`${settings}drills: { channel: C0INCIDENTS }\n`)).toEqual([
      `backout.yaml:13: drills.channel: C0INCIDENTS is among slack.channels too; ${own}`,
    ])
    const news = 'readiness: { channel: C0PLATFORM }\n'
    expect(problemsOf(`${settings}${news}drills: { channel: C0PLATFORM }\n`)).toEqual([
      `backout.yaml:14: drills.channel: C0PLATFORM is readiness.channel too; ${own}`,
    ])
    expect(problemsOf(`${settings}drills: { channel: C0DRILLS }\n`)).toEqual([])
    expect(problemsOf(`${settings}drills: {}\n`)).toEqual([
      expect.stringMatching(/^backout\.yaml:13: drills\.channel: is missing/),
    ])
  })

  test('a service twice, once', () => {
    const twice = settings.replaceAll('name: frontend', 'name: backend')
    expect(problemsOf(twice)).toEqual(['backout.yaml:7: services: "backend" is listed twice'])
  })

  test('a deployment of nobody’s', () => {
    expect(problemsOf(settings.replace('{ backend: api }', '{ backnd: api }'))).toEqual([
      'backout.yaml:12: procedures.kubernetes.deployments: "backnd" is not a service; did you mean "backend"?',
    ])
  })

  test('a flag whose place or page is at a service that is not there, and a stop of what nothing runs', () => {
    const flag = `${settings}  featureFlag:
    name: LEGACY
    safe: 'false'
    precondition:
      protects: what belongs to others
      count: { database: es, collection: projects, filter: { service: x }, of: projects }
    places:
      - { in: kubernetes-env, service: backnd }
      - { in: config-map, configMap: general, services: [backend, fronted] }
    readBack: { service: frontnd, path: /flags, value: $.LEGACY, instance: $.id }
  full: { stop: [backend, frontend] }
`
    expect(problemsOf(flag)).toEqual([
      'backout.yaml:20: procedures.featureFlag.places[0].service: "backnd" is not a service; did you mean "backend"?',
      'backout.yaml:21: procedures.featureFlag.places[1].services[1]: "fronted" is not a service; did you mean "frontend"?',
      'backout.yaml:22: procedures.featureFlag.readBack.service: "frontnd" is not a service; did you mean "frontend"?',
      'backout.yaml:23: procedures.full.stop[1]: nothing is configured that could stop "frontend"; add it to procedures.kubernetes or procedures.docker',
    ])
  })

  describe('a database', () => {
    const database = (more: string) =>
      `${settings}  database:\n    name: es\n    collections: [projects]\n    ${more}\n`
    const reached = { ...right, MONGODB_URI: 'mongodb://mongo.test/es' }

    test('that is right', () => {
      const text = database('backups: { folder: /backups }')
      expect(problemsOf(text, reached)).toEqual([])
      const only = { ...right, MONGODB_RESTORE_URI: 'mongodb://mongo.test/es' }
      expect(problemsOf(text, only)).toEqual([])
      expect(load(text, reached).runbook.database?.writers).toEqual(['backend'])
    })

    test('whose server nothing names', () => {
      expect(problemsOf(database('backups: { folder: /backups }'))).toEqual([
        'backout.yaml:13: procedures.database: needs the address of the server in MONGODB_RESTORE_URI, or in MONGODB_URI',
      ])
    })

    test('with writers that nobody could stop', () => {
      const text = database(
        'backups: { folder: /backups }\n    writers: [backend, backnd, frontend]',
      )
      expect(problemsOf(text, reached)).toEqual([
        'backout.yaml:17: procedures.database.writers: "backnd": it is not a service; did you mean "backend"?',
        'backout.yaml:17: procedures.database.writers: "frontend": nothing is configured that could stop it; add it to procedures.kubernetes or procedures.docker',
      ])
    })

    test('that nobody would be stopped for, unless the settings say that nobody has to be', () => {
      const without = / {2}kubernetes:[^]*?api \}\n/
      const left = database('backups: { folder: /backups }').replace(without, '')
      const said = database('backups: { folder: /backups }\n    writers: []').replace(without, '')
      expect(problemsOf(left, reached)).toEqual([
        expect.stringMatching(/^backout\.yaml:\d+: .*writers: is missing, .*so that nobody/),
      ])
      expect(problemsOf(said, reached)).toEqual([])
    })

    describe('with a migration that is taken back', () => {
      const migration = (more: string, named = 'namespace: backout-jobs, serviceAccount: it') =>
        database(
          [
            'backups: { folder: /backups }',
            '    migration:',
            `      image: shop/backend@sha256:${'a'.repeat(64)}`,
            '      command: [node, down.js]',
            `      kubernetes: { ${named} }`,
            `      ${more}`,
          ].join('\n'),
        )
      const usual =
        'ledger: { collection: migrations, applied: { name: "002" } }\n      collections: [users]'

      test('as it should be', () => {
        expect(problemsOf(migration(usual), reached)).toEqual([])
        expect(load(migration(usual), reached).runbook.database?.migration).toMatchObject({
          collections: ['users'],
          seconds: 600,
        })
      })

      test('in what a switch replaces', () => {
        const text = migration(
          'ledger: { collection: projects, applied: { name: "002" } }\n      collections: [users, projects]',
        )
        expect(problemsOf(text, reached)).toEqual([
          expect.stringContaining('migration.ledger.collection: projects is replaced by a switch'),
          expect.stringContaining('migration.collections[1]: projects is replaced by a switch'),
        ])
      })

      test('whose ledger would say yes to anything, and whose image is only a tag', () => {
        const text = migration(usual)
          .replace('{ name: "002" }', '{}')
          .replace(/@sha256:a+/, ':v2')
        expect(problemsOf(text, reached)).toEqual([
          expect.stringContaining('must name its digest: registry/name@sha256:…'),
          expect.stringContaining('empty, it would match any document'),
        ])
      })

      test('on a host', () => {
        const there = 'host: web-1, network: shop_default, environment: [MIGRATION_URI]'
        const onHost = (
          place: string,
          hosts = '  docker: { hosts: { web-1: { address: "unix:///x.sock" } }, services: { frontend: { container: f } } }\n',
        ) =>
          `${migration(usual).replace(/kubernetes: \{ namespace.*/, `docker: { ${place} }`)}${hosts}`
        const handed = { ...reached, MIGRATION_URI: 'mongodb://migration.test/es' }
        expect(problemsOf(onHost(there), handed)).toEqual([])
        expect(load(onHost(there), handed).access.handed).toEqual({
          MIGRATION_URI: 'mongodb://migration.test/es',
        })
        expect(problemsOf(onHost(there), reached)).toEqual([
          expect.stringContaining('MIGRATION_URI is missing: procedures.database.migration.docker'),
        ])
        expect(problemsOf(onHost(there.replace('web-1', 'web-2')), handed)).toEqual([
          expect.stringContaining('"web-2" is no host of procedures.docker; did you mean "web-1"?'),
        ])
        expect(problemsOf(onHost(there, ''), handed)).toEqual([
          expect.stringContaining('"web-1" is no host of procedures.docker'),
        ])
        expect(problemsOf(onHost(there.replace('shop_default', 'host')), handed)).toEqual([
          expect.stringContaining('must be a network of its own, and not that of the host'),
        ])
        const { environment } = load(onHost(there), handed).settings
        const own = ['MONGODB_URI', `${environment.toUpperCase()}_MONGODB_URI`]
        for (const name of own) {
          const given = { ...handed, [name]: 'mongodb://mongo.test/es' }
          expect(problemsOf(onHost(there.replace('MIGRATION_URI', name)), given)).toEqual([
            expect.stringContaining(`${name} is Backout's own; give the migration an account`),
          ])
        }
      })

      test('in both places, or in none', () => {
        const both = `${usual}\n      docker: { host: web-1, network: shop_default }`
        const neither = migration(usual).replace(/ +kubernetes: \{ namespace.*\n/, '')
        for (const text of [migration(both), neither]) {
          expect(problemsOf(text, reached)).toContainEqual(
            expect.stringContaining('needs one of kubernetes and docker: where its down runs'),
          )
        }
      })

      test('where the services run, or where there is no cluster', () => {
        const { namespace } = load(migration(usual), reached).settings.procedures.kubernetes!
        const beside = migration(usual, `namespace: ${namespace}, serviceAccount: it`)
        expect(problemsOf(beside, reached)).toEqual([
          expect.stringContaining('give its Jobs a namespace of their own'),
        ])
        const without = / {2}kubernetes:[^]*?api \}\n/
        const none = migration(`${usual}\n    writers: []`).replace(without, '')
        expect(problemsOf(none, reached)).toEqual([
          expect.stringContaining('its Job runs in that cluster'),
        ])
      })
    })

    describe('that is proved through the application', () => {
      const chain = '{ kind: chain, steps: [{ service: backend, path: /files, method: POST }] }'
      const verified = (names: string) =>
        [
          database(`backups: { folder: /backups }\n    proveBy: [${names}]`),
          'verification:',
          `  items: { uploadsWork: ${chain}, searchWorks: null }`,
          '  more:',
          `    - { id: login-chain, title: Logins, check: ${chain} }`,
          '',
        ].join('\n')

      test('by items of the verification', () => {
        const text = verified('uploadsWork, login-chain')
        expect(problemsOf(text, reached)).toEqual([])
        expect(load(text, reached).runbook.database?.proveBy).toEqual([
          { id: 'uploads-work', title: 'File uploads work', writes: true },
          { id: 'login-chain', title: 'Logins', writes: true },
        ])
      })

      test('by what proves nothing of it', () => {
        const text = verified('uploadWork, searchWorks, usersLogIn, healthPassing')
        const at = 'backout.yaml:17: procedures.database.proveBy:'
        expect(problemsOf(text, reached)).toEqual([
          `${at} "uploadWork": it is no item of verification; did you mean "uploadsWork"?`,
          `${at} "searchWorks": it is no item of verification`,
          `${at} "usersLogIn": people look at it, and a plan cannot ask them on its way; give it a check of kind chain`,
          `${at} "healthPassing": its check, health, sends no request to the application; name one of kind chain, http or isolation`,
        ])
      })
    })

    test.each([
      ['/data', '/data'],
      ['/data', '/data/backups'],
      ['./data', 'data/backups'],
      ['./data/', './data/../data'],
    ])('with BACKOUT_DATA=%s and backups in it: %s', (data, backups) => {
      const text = database(`backups: { folder: ${backups} }`)
      expect(problemsOf(text, { ...reached, BACKOUT_DATA: data })).toEqual([
        expect.stringMatching(/^backout\.yaml:16: .*folder: is inside BACKOUT_DATA/),
      ])
    })

    test.each([
      ['/data', '/data-of-others'],
      ['/data', '/backups'],
      ['./data', './..data'],
      ['/data/backout', '/data'],
    ])('with BACKOUT_DATA=%s and backups beside it: %s', (data, backups) => {
      const text = database(`backups: { folder: ${backups} }`)
      expect(problemsOf(text, { ...reached, BACKOUT_DATA: data })).toEqual([])
    })
  })

  test('our own namespace as the one to roll back', () => {
    const [problem, ...others] = problemsOf(settings, { ...right, BACKOUT_NAMESPACE: 'production' })
    expect(problem).toMatch(/^backout\.yaml:11: .*must not stand on what it rolls back/)
    expect(others).toEqual([])
    expect(problemsOf(settings, { ...right, BACKOUT_NAMESPACE: 'backout' })).toEqual([])
  })
})

describe('who signs, where a team will rely on it', () => {
  const signedBy = (approval: string) =>
    problemsOf(
      `${settings.replace('C0INCIDENTS', 'C024BE91L')}approval: { ${approval} }\n`,
      right,
      ['slack', 'real-people'],
    )

  test.each([
    ['users: [U024BE7LH]', /:13: approval\.users: one person .* that makes three people/],
    ['users: [U024BE7LH, U024BE7LH]', /:13: approval\.users: one person is not enough/],
    ['users: [U024BE7LH], requesterMayApprove: true', /:13: .* so name at least two$/],
  ])('is too few: %s', (approval, problem) => {
    const problems = signedBy(approval)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(problem)
  })

  test.each([
    'users: []',
    'users: [U024BE7LH, U024BE7LJ]',
    'users: [U024BE7LH], groups: [S0615G0KT]',
    'groups: [S0615G0KT]',
  ])('is enough, or nobody on purpose: %s', (approval) => {
    expect(signedBy(approval)).toEqual([])
  })
})

describe('what still is an example', () => {
  const shipped = readFileSync(join(import.meta.dirname, '../../../backout.yaml'), 'utf8')
  const variables = { ...right, FRONTEND_URL: 'http://frontend.test' }

  const lineOf = (text: string) => shipped.slice(0, shipped.indexOf(text)).split('\n').length

  test('is right for a demo, and told where a team will rely on it', () => {
    expect(problemsOf(shipped, variables, ['slack'])).toEqual([])
    expect(problemsOf(shipped, variables, ['slack', 'real-people'])).toEqual([
      expect.stringContaining(
        `backout.yaml:${lineOf('[C0INC')}: slack.channels: still example ids`,
      ),
      expect.stringContaining(
        `backout.yaml:${lineOf('[U0ANA')}: approval.users: still example ids`,
      ),
      ...['Ana', 'Bo', 'Cy'].map((name, index) =>
        expect.stringContaining(
          `backout.yaml:${lineOf(`name: ${name} Example`)}: contacts.onCall[${index}]: still an example (name, phone, email)`,
        ),
      ),
    ])
  })

  test('is right too with a Slack on this machine, where nobody is real', () => {
    for (const SLACK_API_URL of ['http://127.0.0.1:3333/api/', 'http://localhost:1/api/']) {
      const local = { ...variables, SLACK_API_URL }
      expect(problemsOf(shipped, local, ['slack', 'real-people'])).toEqual([])
    }
    const away = { ...variables, SLACK_API_URL: 'https://slack-gov.com/api/' }
    expect(problemsOf(shipped, away, ['slack', 'real-people'])).toHaveLength(5)
  })

  test.each([
    ['SLACK_BOT_TOKEN', 'xoxb-REPLACE-ME'],
    ['SLACK_APP_TOKEN', 'xapp-…'],
    ['SLACK_BOT_TOKEN', 'xoxb-your-token'],
    ['PROMETHEUS_URL', 'https://prometheus.example.com'],
    ['MONGODB_URI', 'mongodb://user:password@host/es'],
    ['REDIS_URL', 'redis://:<password>@cache:6379'],
  ])('in the environment: %s=%s', (name, value) => {
    const filled = settings.replace('C0INCIDENTS', 'C024BE91L')
    const needs = ['slack', 'real-people'] as const
    expect(problemsOf(filled, { ...right, [name]: value }, needs)).toEqual([
      `environment: ${name} still is an example; put in your own`,
    ])
    expect(problemsOf(filled, right, needs)).toEqual([])
  })
})

describe('everything that is wrong is told at once', () => {
  test('from the environment and from the file', () => {
    const text = settings.replace('staging', '""').replace('C0INCIDENTS', 'x')
    const problems = problemsOf(`${text}metrix: 1\n`, { REDIS_URL: 'x', MONGODB_URI: 'x' })
    expect(problems).toHaveLength(8)
    expect(problems.join('\n')).toMatch(/REDIS_URL[^]*MONGODB_URI[^]*BACKEND_URL/)
  })

  test('what is wrong by itself, and what does not fit together, in whatever is right', () => {
    const text = settings
      .replace('http://frontend.test', 'frontend.test')
      .replace('{ backend: api }', '{ frontnd: api }')
    const wrong = 'deadlineSeconds: soon\nmatrix: { errorsElevatedPercent: 60 }\n'
    const variables = { ...right, PROMETHEUS_CA_FILE: '/nowhere', BACKOUT_NAMESPACE: 'production' }
    expect(problemsOf(text + wrong, { ...variables, REDIS_URL: 'x' })).toEqual([
      'environment: REDIS_URL must be a redis:// or rediss:// address',
      'environment: PROMETHEUS_CA_FILE: there is no such file',
      expect.stringMatching(/^backout\.yaml:8: services\[1\]\.url: /),
      expect.stringMatching(/^backout\.yaml:11: .*Backout itself runs in/),
      expect.stringMatching(/^backout\.yaml:12: .*"frontnd" is not a service; did you mean "front/),
      expect.stringMatching(/^backout\.yaml:13: deadlineSeconds: /),
      expect.stringMatching(/^backout\.yaml:14: matrix\.errorsElevatedPercent \(60\) must be/),
    ])
  })

  test('but a value that is wrong is not told a second time for what it does not fit to', () => {
    const text = settings.replace('name: backend', 'name: Back End')
    expect(problemsOf(`${text}matrix: { errorsCriticalPercent: few }\n`)).toHaveLength(2)
    const variables = { ...right, SLACK_BOT_TOKEN: 'xapp-1' }
    expect(problemsOf(settings, variables)).toHaveLength(1)
  })
})

test('no value of the environment is ever in a problem: not right, not wrong, not put into the file', () => {
  const names = [...Object.keys(Environment.shape), 'BACKEND_URL', 'FRONTEND_URL']
  const Secret = fc.oneof(
    fc.stringMatching(/^Zq[a-zA-Z0-9]{12,30}$/),
    fc.stringMatching(/^redis:\/\/:Zq[a-zA-Z0-9]{12,30}@cache:6379$/),
    fc.stringMatching(/^https?:\/\/bo:Zq[a-zA-Z0-9]{12,30}@host$/),
    fc.stringMatching(/^xoxb-Zq[a-zA-Z0-9]{12,30}$/),
    fc.stringMatching(/^Zq[a-z0-9]{12,30}\n[a-z]{3,9}: "\$\{[A-Z]{3,9}\}$/),
  )
  const Variables = fc.record(Object.fromEntries(names.map((name) => [name, Secret])), {
    requiredKeys: [],
  })
  const uses = (name: string) => [
    settings,
    settings.replace('staging', `\${${name}}`),
    settings.replace('C0INCIDENTS', `\${${name}}`),
    `${settings}matrix: { errorsCriticalPercent: "\${${name}}" }\n`,
    `${settings}deadlineSeconds: \${${name}}\nmetrix: \${${name}}\n`,
    `${settings}prometheus: \${${name}}\nredis: [\${${name}}]\n`,
    `${settings}contacts: { onCall: [{ role: x, name: y, slack: "\${${name}}" }] }\n`,
  ]
  const Text = fc.constantFrom(...names).chain((name) => fc.constantFrom(...uses(name)))
  fc.assert(
    fc.property(Variables, Text, (variables, text) => {
      const said = problemsOf(text, variables, ['slack', 'real-people']).join('\n')
      for (const value of Object.values(variables)) {
        const secret = /Zq[a-zA-Z0-9]+/.exec(value ?? '')?.[0]
        if (secret !== undefined) expect(said).not.toContain(secret)
      }
    }),
    { numRuns: 200 },
  )
})
