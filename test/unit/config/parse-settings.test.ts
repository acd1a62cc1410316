import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseSettings } from '../../../src/config/parse-settings.ts'

const root = join(import.meta.dirname, '../../..')
const shipped = readFileSync(join(root, 'backout.yaml'), 'utf8')
const variables = { BACKEND_URL: 'http://backend.test', FRONTEND_URL: 'http://frontend.test' }

const small = `environment: staging
slack:
  channels: [C0INCIDENTS]
services:
  - name: backend
    url: http://backend.test
`

function problemsOf(text: string, set: NodeJS.ProcessEnv = variables): string[] {
  const [parsed] = parseSettings(text, 'backout.yaml', set)
  return 'problems' in parsed ? parsed.problems.map(({ where, what }) => `${where}: ${what}`) : []
}

const suspending = (list: string) =>
  `procedures: { kubernetes: { namespace: a, deployments: { backend: b }, suspend: ${list} } }\n`

const verifying = (check: string) => `verification: { items: { searchWorks: ${check} } }\n`

describe('the settings file', () => {
  test('that ships is right, and its values are the defaults', () => {
    const [parsed] = parseSettings(shipped, 'backout.yaml', variables)
    const [minimal] = parseSettings(small, 'backout.yaml', {})
    if (!('settings' in parsed) || !('settings' in minimal)) throw new Error('not right')
    expect(parsed.settings.services[0]).toEqual({
      name: 'backend',
      url: 'http://backend.test',
      compareUrl: null,
      health: '/health',
      healthyStatuses: null,
      version: '/version',
    })
    for (const part of [
      'deadlineSeconds',
      'prometheus',
      'matrix',
      'maintenance',
      'evidence',
      'paging',
      'verification',
    ] as const) {
      expect(parsed.settings[part]).toEqual(minimal.settings[part])
    }
    const { users: _, ...rest } = parsed.settings.approval
    expect(minimal.settings.approval).toEqual({ ...rest, users: [] })
  })

  test('needs three things, and names the ones that are missing', () => {
    expect(problemsOf('')).toEqual([
      'backout.yaml:1: environment: is missing',
      'backout.yaml:1: slack: is missing',
      'backout.yaml:1: services: is missing',
    ])
  })
})

describe('what a healthy page answers', () => {
  test('is read as it is for what is verified', () => {
    const [parsed] = parseSettings(
      `${small}    expect: { json: [{ path: $.status, equals: ok }] }\n`,
      'backout.yaml',
      {},
    )
    if (!('settings' in parsed)) throw new Error('not right')
    expect(parsed.settings.services[0]?.expect).toEqual({
      status: null,
      contains: [],
      contentType: null,
      json: [{ path: '$.status', equals: 'ok' }],
    })
  })

  test.each([
    ['expect: { contentTypes: a/b }', /unknown key "contentTypes".*; did you mean "contentType"/],
    ['expect: { contentType: html }', /must be a type like application\/json/],
    ['expect: { json: [{ path: status }] }', /must be a path like/],
    ['healthyStatuses: [200]\n    expect: { status: [204] }', /one of them is enough/],
    ['helth: /up', /unknown key "helth".*; did you mean "health"/],
  ])('%s is told', (line, says) => {
    expect(problemsOf(`${small}    ${line}\n`).join('\n')).toMatch(says)
  })
})

describe('an unknown key is told with its line and the nearest known one', () => {
  test.each([
    [`${small}metrix: {}\n`, 'backout.yaml:7: unknown key "metrix"; did you mean "matrix"?'],
    [
      `${small}matrix:\n  errorsCriticalPercents: 40\n`,
      'backout.yaml:8: unknown key "errorsCriticalPercents" in matrix; did you mean "errorsCriticalPercent"?',
    ],
    [
      `${small}verification:\n  items:\n    serchWorks: { kind: person }\n`,
      'backout.yaml:9: unknown key "serchWorks" in verification.items; did you mean "searchWorks"?',
    ],
    [
      `${small}verification:\n  items:\n    logsCollected:\n      kind: logs\n      newerThanSecond: 60\n`,
      'backout.yaml:11: unknown key "newerThanSecond" in verification.items.logsCollected; did you mean "newerThanSeconds"?',
    ],
    [
      `${small}    helth: /ok\n`,
      'backout.yaml:7: unknown key "helth" in services[0]; did you mean "health"?',
    ],
    [
      small.replace('slack:\n', 'slack:\n  chanels: []\n'),
      'backout.yaml:3: unknown key "chanels" in slack; did you mean "channels"?',
    ],
  ])('%#', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem])
  })

  test('and with all the known ones when none is near', () => {
    const [problem] = problemsOf(`${small}redis:\n  completelyDifferentThing: 1\n`)
    expect(problem).toMatch(/:8: unknown key .* in redis; known here: activeUsersKey, cache$/)
  })

  test('wherever it stands: one letter more in any key of the shipped file is found', () => {
    const keys = [...shipped.matchAll(/^ *(?:- )?(\w+):/gm)].map(({ 1: key = '', index }) => {
      return { key, line: shipped.slice(0, index).split('\n').length }
    })
    expect(keys.length).toBeGreaterThan(20)
    for (const { key, line } of keys) {
      const lines = shipped.split('\n')
      lines[line - 1] = (lines[line - 1] ?? '').replace(`${key}:`, `${key}x:`)
      const problems = problemsOf(lines.join('\n')).join('\n')
      // Names of deployments are free, and checked against the services elsewhere.
      if (key === 'backend' || key === 'frontend') continue
      expect(problems).toContain(`backout.yaml:${line}: unknown key "${key}x"`)
      expect(problems).toContain(`did you mean "${key}"?`)
    }
  })
})

describe('a wrong value is told with its line', () => {
  test.each([
    ['deadlineSeconds: 0\n', /:7: deadlineSeconds: .*0\.1/],
    ['deadlineSeconds: soon\n', /:7: deadlineSeconds: expected number, received string/],
    [
      'matrix: { errorsCriticalPercent: "50" }\n',
      /:7: matrix\.errorsCriticalPercent: expected num/,
    ],
    ['matrix: { errorsCriticalPercent: -1 }\n', /:7: matrix\.errorsCriticalPercent: .*0/],
    [
      'matrix: { errorsCriticalPercent: .nan }\n',
      /:7: matrix\.errorsCriticalPercent: expected num/,
    ],
    ['prometheus: { traffic: "" }\n', /:7: prometheus\.traffic: /],
    ['prometheus: { staleAfterSeconds: 0 }\n', /:7: prometheus\.staleAfterSeconds: /],
    ['procedures: { kubernetes: { namespace: a, deployments: {} } }\n', /:7: .*at least one depl/],
    [
      'procedures: { kubernetes: { namespace: Production, deployments: { backend: b } } }\n',
      /:7: procedures\.kubernetes\.namespace: must be a Kubernetes namespace: lower-case/,
    ],
    [
      'procedures: { kubernetes: { namespace: a, deployments: { backend: B_ } } }\n',
      /:7: procedures\.kubernetes\.deployments\.backend: must be the name of a Deployment/,
    ],
    [suspending('[{ kind: Aplication, namespace: a, name: b }]'), /:7: .*suspend\[0\]\.kind/],
    [
      suspending('[{ kind: Application, namespace: a, name: B_ }]'),
      /:7: .*must be a name of lower-case/,
    ],
    [
      suspending(`[${Array(2).fill('{ kind: Application, namespace: a, name: b }').join()}]`),
      /:7: .*names one twice/,
    ],
    [verifying('{ kind: loggs }'), /:7: verification\.items\.searchWorks\.kind: .*/],
    [
      verifying('{ kind: query, query: up }'),
      /:7: verification\.items\.searchWorks: needs max or min$/,
    ],
    [verifying('{ kind: http, path: /find }'), /searchWorks: needs service and path, or url$/],
    [
      verifying('{ kind: http, service: backend, path: //evil.test/ }'),
      /path: must be a path like/,
    ],
    [verifying('{ kind: http, url: "http://a:b@c.test/" }'), /url: must not hold a password/],
    [
      verifying('{ kind: http, url: "http://c.test/", headers: { Host: d.test } }'),
      /headers\.Host: is set by Backout itself/,
    ],
    [
      verifying('{ kind: http, url: "http://c.test/", expect: { json: [{ path: a }] } }'),
      /path: must be a path like \$\.documents/,
    ],
    [verifying('{ kind: chain, steps: [] }'), /searchWorks\.steps: /],
    [
      'verification: { more: [{ id: health-passing, title: x, check: { kind: person } }] }\n',
      /:7: verification: more: an id stands there twice, or is one of the twelve/,
    ],
    ['contacts: { onCall: [{ role: x }] }\n', /:7: contacts\.onCall\[0\]\.name: is missing/],
  ])('%j', (more, problem) => {
    const problems = problemsOf(small + more)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(problem)
  })

  test.each([
    'statefulset/backend',
    'sts/backend',
    'StatefulSet/backend',
    'daemonsets.apps/backend',
  ])('a service that %s runs is refused, and why', (name) => {
    const deployments = `{ backend: ${name} }`
    const more = `procedures: { kubernetes: { namespace: a, deployments: ${deployments} } }\n`
    expect(problemsOf(small + more)).toEqual([
      'backout.yaml:7: procedures.kubernetes.deployments.backend: only Deployments can be rolled back; a StatefulSet or a DaemonSet goes back by its own rules: do that by hand',
    ])
  })

  test.each([
    ['C0INCIDENTS', '"#incidents"', /:3: slack\.channels\[0\]: must be a channel id/],
    ['[C0INCIDENTS]', '[]', /:3: slack\.channels: needs at least one channel id/],
    ['http://backend.test', 'ftp://backend.test', /:6: services\[0\]\.url: an http or https/],
    ['http://backend.test', 'backend.test', /:6: services\[0\]\.url: an http or https/],
    ['http://backend.test', 'http://bo:hunter2@backend.test', /:6: .*must not hold a password/],
    ['name: backend', 'name: Back End', /:5: services\[0\]\.name: a lower-case name/],
  ])('%s as %s', (right, wrong, problem) => {
    const problems = problemsOf(small.replace(right, wrong))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(problem)
  })

  test.each(['health', 'version'])('a %s page on another host is not a path', (page) => {
    for (const path of ['//evil.test/x', '/\\\\evil.test', 'http://evil.test', 'status']) {
      expect(problemsOf(`${small}    ${page}: "${path}"\n`)).toEqual([
        `backout.yaml:7: services[0].${page}: must be a path like /health`,
      ])
    }
  })

  test('every one of them at once', () => {
    const text = small.replace('staging', '""').replace('C0INCIDENTS', 'x').replace('http:', 'h:')
    const problems = problemsOf(`${text}metrix: 1\nredis: { key: 1 }\n`)
    expect(problems).toHaveLength(5)
  })
})

describe('environments by name', () => {
  const [top, rest] = [
    small.slice(0, small.indexOf('services:')),
    small.slice(small.indexOf('services:')),
  ]
  const team = top.replace('environment: staging\n', '')
  const below = (name: string) => `  ${name}:\n${rest.replaceAll(/^/gm, '    ').trimEnd()}\n`
  const named = `${team}environments:\n${below('staging')}`

  test('mean the same as one at the top', () => {
    const [atTheTop] = parseSettings(small, 'backout.yaml', variables)
    const [byName] = parseSettings(named, 'backout.yaml', variables)
    if (!('settings' in byName) || !('settings' in atTheTop)) throw new Error('not right')
    expect(byName.settings).toEqual(atTheTop.settings)
    expect(byName.settings.environment).toBe('staging')
  })

  test('and so does the whole shipped file', () => {
    const lines = shipped.split('\n')
    const isTeam = (key = '') => ['slack', 'contacts'].includes(key)
    let key: string | undefined
    const parts = { team: [] as string[], environment: [] as string[] }
    for (const line of lines.filter((one) => !one.startsWith('environment:'))) {
      key = /^(\w+):/.exec(line)?.[1] ?? key
      if (isTeam(key)) parts.team.push(line)
      else parts.environment.push(`    ${line}`)
    }
    const text = [...parts.team, 'environments:', '  production:', ...parts.environment].join('\n')
    const [atTheTop] = parseSettings(shipped, 'backout.yaml', variables)
    const [byName] = parseSettings(text, 'backout.yaml', variables)
    if (!('settings' in byName) || !('settings' in atTheTop)) throw new Error('not right')
    expect(byName.settings).toEqual(atTheTop.settings)
  })

  const inChannel = (name: string, channel: string) =>
    below(name).replace(':\n', `:\n    channels: [${channel}]\n`)
  const both = `environments:\n${inChannel('production', 'C0PRODUCTION')}${inChannel('staging', 'C0STAGING')}`

  test('are as many as there are, each with its channels', () => {
    const parsed = parseSettings(both, 'backout.yaml', variables)
    expect(parsed.map((one) => ('settings' in one ? one.settings : one.problems))).toMatchObject([
      { environment: 'production', slack: { mode: 'socket', channels: ['C0PRODUCTION'] } },
      { environment: 'staging', slack: { mode: 'socket', channels: ['C0STAGING'] } },
    ])
    expect(parsed.map(({ at }) => at(['slack', 'channels', 0]))).toEqual([
      'backout.yaml:3',
      'backout.yaml:8',
    ])
  })

  test('have no channel together, and none without one', () => {
    expect(problemsOf(named + below('production'))).toEqual([
      'backout.yaml:2: slack.channels: a channel belongs to one environment; move it to environments.staging.channels, and give each of the others its own',
      'backout.yaml:4: environments.staging.channels: is missing',
      'backout.yaml:8: environments.production.channels: is missing',
    ])
    expect(problemsOf(team + both)).toEqual([
      'backout.yaml:2: slack.channels: a channel belongs to one environment; move it to environments.production.channels, and give each of the others its own',
    ])
    const alone = `environments:\n${inChannel('staging', 'C0STAGING')}`
    expect(problemsOf(alone)).toEqual([])
    expect(problemsOf(team + alone)).toEqual([
      'backout.yaml:2: slack.channels: environments.staging.channels is there too; leave one of them out',
    ])
    expect(problemsOf(alone.replace(/^ +channels.*\n/m, ''))).toEqual([
      'backout.yaml:2: environments.staging.channels: is missing',
    ])
  })

  test('are told all that is wrong in each of them', () => {
    expect(problemsOf(both.replace('url', 'uri'))).toEqual([
      'backout.yaml:5: environments.production.services[0].url: is missing',
      'backout.yaml:6: unknown key "uri" in environments.production.services[0]; did you mean "url"?',
    ])
  })

  test.each([
    ['{}', /^backout\.yaml:3: environments: must hold the name of an environment/],
    ['', /^backout\.yaml:3: environments: must hold the name of an environment/],
    ['[staging]', /^backout\.yaml:3: environments: must hold the name of an environment/],
    ['{ "": {} }', /^backout\.yaml:3: environments\.: needs a name/],
    ['{ staging: {} }', /^backout\.yaml:3: environments\.staging\.services: is missing/],
  ])('need one with a name and with settings: %j', (value, problem) => {
    const problems = problemsOf(`${team}environments: ${value}\n`)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(problem)
  })

  test('take what belongs to them from the top', () => {
    expect(problemsOf(`${named}environment: staging\nmatrix: {}\n`)).toEqual([
      'backout.yaml:8: environment: the name stands in environments already; leave this line out',
      'backout.yaml:9: matrix: stands beside environments; move it to environments.staging',
    ])
  })

  test.each([
    [named.replace('health', 'x'), []],
    [
      `${named}    metrix: {}\n`,
      ['backout.yaml:8: unknown key "metrix" in environments.staging; did you mean "matrix"?'],
    ],
    [
      `${named}    procedures: { kubernets: {} }\n`,
      [
        'backout.yaml:8: unknown key "kubernets" in environments.staging.procedures; did you mean "kubernetes"?',
      ],
    ],
    [
      named.replace('environments:', 'enviroments:'),
      [
        'backout.yaml:1: environments: is missing',
        'backout.yaml:3: unknown key "enviroments"; did you mean "environments"?',
      ],
    ],
  ])('are read as strictly, key by key: %#', (text, problems) => {
    expect(problemsOf(text)).toEqual(problems)
  })
})

describe('a variable', () => {
  test('stands for its value anywhere in a value', () => {
    const [parsed] = parseSettings(small.replace('backend.test', '${HOST}:${PORT}'), 'f', {
      HOST: 'b.test',
      PORT: '81',
    })
    expect(parsed).toMatchObject({ settings: { services: [{ url: 'http://b.test:81' }] } })
  })

  test.each([[{}], [{ HOST: '' }]])('that is not set (%j) is one problem, with its line', (set) => {
    expect(problemsOf(small.replace('http://backend.test', '${HOST}'), set)).toEqual([
      'backout.yaml:6: HOST is not set in the environment',
    ])
  })

  test.each([
    ['a name that is none', '${BACKEND-URL}', {}],
    ['a value that is itself a variable', '${HOST}', { HOST: '${OTHER}' }],
    ['no end', '${HOST', { HOST: 'http://b.test' }],
  ])('with %s is not passed over', (_what, url, set) => {
    expect(problemsOf(small.replace('http://backend.test', `"${url}"`), set)).toEqual([
      'backout.yaml:6: services[0].url: an http or https address',
    ])
  })

  test('in a comment or a key stands for nothing', () => {
    expect(problemsOf(`# \${NOWHERE}\n${small}`)).toEqual([])
    expect(problemsOf(`${small}"\${BACKEND_URL}": 1\n`)[0]).toContain(
      'unknown key "${BACKEND_URL}"',
    )
  })
})

describe('what is no settings file at all ends in problems, and never in a crash', () => {
  test.each([
    ['no YAML', 'a: [1, 2'],
    ['a text', 'hello'],
    ['a list', '- a\n- b'],
    ['two documents', `${small}---\n${small}`],
    ['a key twice', `${small}environment: again\n`],
    ['an alias of nothing', 'slack: *nobody'],
    ['an alias of itself', '&a [*a]'],
    ['keys that are lists', '? [a, b]\n: c'],
    ['a tab for indentation', 'slack:\n\tmode: socket'],
    ['a binary file', '\u0000\u0001\u0002PNG'],
  ])('%s', (_what, text) => {
    const problems = problemsOf(text)
    expect(problems.length).toBeGreaterThan(0)
    for (const problem of problems) expect(problem).toMatch(/^backout\.yaml(:\d+)?: \S/)
  })

  test('a million laughs are not expanded', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let n = 1; n < 9; n += 1) {
      lines.push(`a${n}: &a${n} [${Array.from({ length: 10 }, () => `*a${n - 1}`).join(', ')}]`)
    }
    expect(problemsOf(lines.join('\n')).length).toBeGreaterThan(0)
  })

  test('whatever stands in it, it is right or says at least one thing', () => {
    const Spoilt = fc
      .tuple(fc.nat({ max: shipped.length }), fc.nat({ max: 12 }), fc.string({ maxLength: 8 }))
      .map(([at, gone, more]) => shipped.slice(0, at) + more + shipped.slice(at + gone))
    fc.assert(
      fc.property(fc.oneof(Spoilt, fc.string()), (text) => {
        const [parsed] = parseSettings(text, 'backout.yaml', variables)
        if ('problems' in parsed) expect(parsed.problems.length).toBeGreaterThan(0)
      }),
      { numRuns: 300 },
    )
  })
})
