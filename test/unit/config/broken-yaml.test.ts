import { describe, expect, test } from 'vitest'
import { parseSettings } from '../../../src/config/parse-settings.ts'

const small = `environment: staging
slack:
  mode: socket
  channels: [C0INCIDENTS]
services:
  - name: backend
    url: http://backend.test
matrix:
  errorsCriticalPercent: 60
`

function problemsOf(text: string): string[] {
  const [parsed] = parseSettings(text, 'backout.yaml', {})
  return 'problems' in parsed ? parsed.problems.map(({ where, what }) => `${where}: ${what}`) : []
}

const notUnderstood = /cannot be understood: look here and in the next line for a colon/

describe('a mistake in the writing is told once, in words, where it was made', () => {
  test.each([
    ['a tab', '  mode: socket', '\tmode: socket', 3, /begins with a tab; use spaces/],
    ['a tab in the last line', '  errorsCrit', '\terrorsCrit', 9, /begins with a tab; use spaces/],
    ['another column', '  channels', ' channels', 4, /does not begin in the column of/],
    ['moved in too far', '  channels', '    channels', 3, notUnderstood],
    ['a bracket', '[C0INCIDENTS]', '[C0INCIDENTS', 4, /a bracket is opened here and not closed/],
    ['a quote', '[C0INCIDENTS]', '["C0INCIDENTS]', 4, /a quote is opened here and not closed/],
    ['a quote at the very top', 'staging', '"staging', 1, /a quote is opened here and not closed/],
    ['no colon', 'slack:', 'slack', 2, notUnderstood],
    ['no space', 'mode: socket', 'mode:socket', 3, notUnderstood],
    ['two colons', 'http://backend.test', 'one: two: three', 7, notUnderstood],
    ['a key twice', 'mode: socket', 'mode: socket\n  mode: http', 4, /"mode" stands here a second/],
    ['a sign', 'mode: socket', 'mode: @socket', 3, /begins with @ must stand in quotes/],
    ['two documents', 'services:', '---\nservices:', 5, /take the line --- out/],
  ])('%s', (_what, right, wrong, line, says) => {
    const problems = problemsOf(small.replace(right, wrong))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(
      new RegExp(`^backout\\.yaml:${line}: ${says.source}|${says.source}`),
    )
    expect(problems[0]).toContain(`backout.yaml:${line}:`)
  })
})

describe('a mistake in the writing hides no other one', () => {
  const others = small
    .replace('url: http', 'url: ftp')
    .replace('errorsCriticalPercent', 'errorsCritcalPercent')
  const told = [
    expect.stringMatching(/^backout\.yaml:7: services\[0\]\.url: /),
    expect.stringMatching(
      /^backout\.yaml:9: unknown key "errorsCritcalPercent" in matrix; did you/,
    ),
  ]

  test.each([
    ['  mode: socket', '\tmode: socket'],
    ['  channels', ' channels'],
    ['[C0INCIDENTS]', '["C0INCIDENTS]'],
    ['slack:', 'slack'],
  ])('%s as %j', (right, wrong) => {
    expect(problemsOf(others.replace(right, wrong))).toEqual([expect.any(String), ...told])
  })

  test('not in the same part either', () => {
    const text = small.replace('mode: socket', 'mode: sockt').replace('[C0INC', '["C0INC')
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(/^backout\.yaml:4: a quote/),
      expect.stringMatching(/^backout\.yaml:3: slack\.mode: must be one of "socket"\|"http"/),
    ])
  })

  test('below the name of an environment too', () => {
    const [team = '', rest = ''] = others
      .replace('environment: staging\n', '')
      .split(/(?=services)/)
    const text = `${team}environments:\n  staging:\n${rest.replaceAll(/^(?=.)/gm, '    ')}`
    const broken = text.replace('- name: backend', '- name: "backend')
    expect(problemsOf(broken)).toEqual([
      'backout.yaml:7: a quote is opened here and not closed',
      expect.stringMatching(/^backout\.yaml:8: environments\.staging\.services\[0\]\.url: /),
      expect.stringMatching(/^backout\.yaml:10: unknown key "errorsCritcalPercent"/),
    ])
  })
})
