import { describe, expect, test } from 'vitest'
import { refusalText } from '../../src/chat/text/refusal-text.ts'
import { refusalView } from '../../src/chat/answers/refusal.ts'
import { RefusalReason, refused } from '../../src/domain/base/refusal.ts'

describe.each(RefusalReason.options)('%s', (reason) => {
  const { mrkdwn } = refusalText(refused(reason))

  test('says what happened and what now, in at least two sentences', () => {
    expect(mrkdwn.split(/[.:] /).length).toBeGreaterThanOrEqual(2)
    expect(mrkdwn).toMatch(/\.$/)
  })

  test('is short enough for a phone', () => {
    expect(mrkdwn.length).toBeLessThanOrEqual(220)
  })

  test('shows a detail as text', () => {
    const { text, blocks } = refusalView(refused(reason, '<!channel> *x* <@U012>'))
    expect(`${text}${JSON.stringify(blocks)}`).not.toMatch(/<!|<@|\*x\*/)
  })
})

test('the right channel is a link, however its id is written', () => {
  for (const detail of ['C012AB3CD', '<#C012AB3CD>', 'C012AB3CD, C99']) {
    expect(refusalText(refused('wrong-channel', detail)).mrkdwn).toContain('Go to <#C012AB3CD>')
  }
})

test('without a known channel it still says where to go', () => {
  expect(refusalText(refused('direct-message')).mrkdwn).toContain('Go to the incident channel')
})

test('no two reasons read the same', () => {
  const texts = RefusalReason.options.map((reason) => refusalText(refused(reason)).mrkdwn)
  expect(new Set(texts).size).toBe(texts.length)
})
