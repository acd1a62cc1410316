// oxlint-disable unicorn/require-post-message-target-origin -- chat.postMessage is not the window's
import { describe, expect, it } from 'vitest'
import {
  ANA,
  ANA_DM,
  APPROVERS,
  BO,
  CY,
  GUS,
  INCIDENTS,
  OTHER_TEAM,
  RANDOM,
  TEAM,
} from '../support/slack/fixture.ts'
import { dict, dicts, str } from '../support/slack/json.ts'
import type { Dict } from '../support/slack/json.ts'
import { until } from '../support/slack/waiting.ts'
import { client, heard, postCard, refusal, slack, web, withTinyBot } from './tiny-slack.ts'

const isSubmissionOf = (user: string, payload: Dict) =>
  payload['type'] === 'view_submission' && dict(payload['user'])['id'] === user

withTinyBot()

describe('what people do', () => {
  it('a command is acknowledged and a card appears', async () => {
    const delivery = await slack.as(ANA).command(INCIDENTS, '/rollback card')
    expect(delivery).toMatchObject({ acked: true, response: {} })
    const message = await slack
      .as(BO)
      .waitForMessage(INCIDENTS, (candidate) => str(candidate['text']) === 'Roll back? waiting')
    expect(dicts(message['blocks']).map((block) => block['block_id'])).toEqual(['state', 'decide'])
  })

  it('a click reaches the bot as the person who clicked, and a replaced button is gone', async () => {
    const ts = await postCard()
    const before = (await slack.as(BO).messages(INCIDENTS)).find((message) => message['ts'] === ts)
    const delivery = await slack.as(BO).click(INCIDENTS, ts, 'Approve')
    expect(delivery.envelope.payload).toMatchObject({
      type: 'block_actions',
      team: { id: TEAM },
      api_app_id: 'A0BACKOUT',
      user: { id: BO, team_id: TEAM },
      container: { type: 'message', message_ts: ts, channel_id: INCIDENTS },
      actions: [{ action_id: 'approve', block_id: 'decide', value: 'card-1' }],
    })
    await slack.as(CY).waitForMessage(INCIDENTS, ({ text }) => text === `Approved by ${BO}`)
    await expect(slack.as(CY).click(INCIDENTS, ts, 'Approve')).rejects.toThrow('nothing to click')
    await slack.as(CY).click(INCIDENTS, ts, 'Approve', before ? { seen: before } : {})
    expect(heard(`click:${CY}`)).toHaveLength(1)
  })

  it('a modal submits what it shows, keeps errors open, and enforces what is required', async () => {
    const ana = slack.as(ANA)
    await ana.command(INCIDENTS, '/rollback modal')
    expect(dict((await ana.modal())['title'])['text']).toBe('Declare incident')
    await expect(ana.submit()).rejects.toThrow('"Severity" is required')
    await expect(ana.submit({ severity: 'mild' })).rejects.toThrow('no option "mild"')
    const twoLines = await ana.submit({ Title: 'one\ntwo', severity: 'high' })
    expect(twoLines.errors).toEqual({ title: 'One line, please' })
    expect((await ana.submit({ severity: 'high' })).errors).toBeUndefined()
    await ana.waitForMessage(ANA_DM, ({ text }) => text === 'Declared: Errors after 4.2.0')
    await expect(ana.submit()).rejects.toThrow('no modal open')
  })

  it('ephemeral answers are seen by one person and kept in no history', async () => {
    await slack.as(ANA).command(RANDOM, '/rollback whisper')
    await slack.as(BO).command(RANDOM, '/rollback help')
    await web.chat.postEphemeral({ channel: RANDOM, user: CY, text: 'Psst' })
    const texts = (user: string) => slack.ephemerals(user).map(({ text, via }) => `${via}: ${text}`)
    await slack.as(ANA).waitForEphemeral(() => true)
    expect(texts(ANA)).toEqual(['response_url: Only for you'])
    expect(texts(BO)).toEqual(['ack: Say /rollback card'])
    expect(texts(CY)).toEqual(['chat.postEphemeral: Psst'])
    expect((await slack.as(BO).messages(RANDOM)).map(({ text }) => text)).toEqual([
      'Say /rollback card',
    ])
    expect((await web.conversations.history({ channel: RANDOM })).messages).toEqual([])
  })

  it('a message shortcut opens a modal; a mention is answered in its thread', async () => {
    const ana = slack.as(ANA)
    const said = await ana.say(INCIDENTS, 'checkout is down')
    await ana.shortcut('declare_incident', { channel: INCIDENTS, ts: str(said['ts']) })
    await ana.modal()
    await ana.closeModal()
    const mention = await slack.as(BO).mention(INCIDENTS, 'status', str(said['ts']))
    await slack
      .as(BO)
      .waitForMessage(INCIDENTS, (m) => m['text'] === 'Yes?' && m['thread_ts'] === said['ts'])
    const thread = await slack.as(CY).messages(INCIDENTS, { thread: str(said['ts']) })
    expect(thread.map(({ ts }) => ts)).toEqual([said['ts'], mention['ts'], expect.any(String)])
    expect(heard('shortcut:message_action')).toHaveLength(1)
  })

  it('the Home opens, and its buttons work', async () => {
    await slack.as(CY).openHome()
    await slack.as(CY).home()
    const { envelope } = await slack.as(CY).homeClick('Refresh')
    expect(envelope.payload).toMatchObject({ container: { type: 'view' }, view: { type: 'home' } })
    expect(envelope.payload).not.toHaveProperty('channel')
    await slack.as(CY).home((view) => JSON.stringify(view).includes('refreshed'))
  })
})

describe('what people do on the web page', () => {
  it('clicks arrive as Slack would send them', async () => {
    const ts = await postCard()
    await slack.upstream.control('interact', {
      channel: INCIDENTS,
      messageTs: ts,
      user: GUS,
      action: { type: 'button', action_id: 'approve', block_id: 'decide', value: 'card-1' },
    })
    const envelope = slack.envelopes('interactive').at(-1)
    expect(envelope?.acks).toHaveLength(1)
    expect(str(envelope?.payload['response_url'])).toContain(slack.url)
    expect(envelope?.payload).toMatchObject({ user: { id: GUS }, channel: { name: 'incidents' } })
  })

  it('a modal opens there, and an untouched draft is submitted as it is shown', async () => {
    const seen: string[] = []
    const page = new WebSocket(`${slack.pageUrl.replace('http', 'ws')}/ui`)
    page.addEventListener('message', ({ data }) => seen.push(String(data)))
    await until(() => seen.some((frame) => frame.includes('"init"')), 'the page')
    await slack.upstream.control('command', {
      channel: INCIDENTS,
      user: BO,
      command: '/rollback',
      text: 'modal',
    })
    await until(() => seen.some((frame) => frame.includes('"stack":[{')), 'the modal on the page')
    const option = { text: { type: 'plain_text', text: 'high' }, value: 'high' }
    const values = { severity: { pick: { type: 'static_select', selected_option: option } } }
    page.send(JSON.stringify({ t: 'view_submit', user: BO, values }))
    const sent = await until(
      () => slack.envelopes('interactive').find(({ payload }) => isSubmissionOf(BO, payload)),
      'the submission',
    )
    expect(dict(dict(sent.payload['view'])['state'])['values']).toEqual({
      title: { text: { type: 'plain_text_input', value: 'Errors after 4.2.0' } },
      severity: { pick: { type: 'static_select', selected_option: option } },
    })
    await until(() => seen.some((frame) => frame.includes('"stack":[]')), 'the modal to close')
    page.close()
  })
})

describe('what an administrator does', () => {
  const group = async (usergroup = APPROVERS) =>
    (await web.usergroups.users.list({ usergroup })).users
  const user = async (id: string) => (await web.users.info({ user: id })).user
  const email = async (id: string) => (await user(id))?.profile?.email

  it('people come into a group and go, and it is disabled and enabled', async () => {
    const approvers = slack.group(APPROVERS)
    approvers.has([ANA, BO])
    approvers.loses(ANA)
    expect(await group()).toEqual([BO])
    approvers.gains(CY)
    approvers.gains(CY)
    expect(await group()).toEqual([BO, CY])
    approvers.disable()
    expect(await refusal(group())).toBe('no_such_subteam')
    approvers.enable()
    expect(await group()).toEqual([BO, CY])
    expect(await refusal(group('S0SECOND'))).toBe('no_such_subteam')
    slack.group('S0SECOND').has([ANA])
    expect(await group('S0SECOND')).toEqual([ANA])
    expect(() => slack.group('S0NOWHERE').loses(ANA)).toThrow('no user group S0NOWHERE')
  })

  it('an account becomes something else, and nothing of what it was stays', async () => {
    const cy = slack.account(CY)
    const plain = await user(CY)
    cy.becomes('guest')
    expect(await user(CY)).toMatchObject({ is_restricted: true })
    cy.becomes('bot')
    expect(await user(CY)).toMatchObject({ is_bot: true, is_restricted: false })
    cy.becomes('external')
    expect(await user(CY)).toMatchObject({ is_stranger: true, team_id: OTHER_TEAM, is_bot: false })
    cy.becomes('deactivated')
    expect(await user(CY)).toMatchObject({ deleted: true, team_id: TEAM })
    cy.becomes('member')
    expect(await user(CY)).toEqual(plain)
    expect(() => slack.account('U0NOBODY').becomes('guest')).toThrow('no account U0NOBODY')
  })

  it('an address is shared, unconfirmed, or not told', async () => {
    const gus = slack.account(GUS)
    gus.sharesMailboxOf(BO)
    const [shared, own] = await Promise.all([email(GUS), email(BO)])
    expect(shared).not.toBe(own)
    expect(shared?.toLowerCase()).toBe(own)
    gus.hasEmail('gus@pipeshub.example', { confirmed: false })
    expect(await user(GUS)).toMatchObject({ is_email_confirmed: false })
    gus.hasEmail('gus@pipeshub.example')
    expect(await user(GUS)).toMatchObject({ is_email_confirmed: true })
    gus.losesEmail()
    expect(await email(GUS)).toBeUndefined()
    expect(() => slack.account(BO).sharesMailboxOf(GUS)).toThrow('no e-mail address to share')
  })

  it('without their scopes no address and no group is told', async () => {
    const all = slack.workspace.scopes
    slack.workspace.scopes = all.filter((scope) => scope !== 'users:read.email')
    expect(await email(ANA)).toBeUndefined()
    slack.workspace.scopes = all.filter((scope) => scope !== 'usergroups:read')
    expect(await refusal(group())).toBe('missing_scope')
    slack.workspace.scopes = all
    expect(await email(ANA)).toBe('ana@pipeshub.example')
  })

  it('one account is not answered for, and everybody else is', async () => {
    const about = { times: Infinity, when: ({ body }: { body: Dict }) => body['user'] === BO }
    const hangs = slack.faults.add('users.info', { kind: 'hang' }, about)
    const impatient = client({ timeout: 100 })
    expect(await refusal(impatient.users.info({ user: BO }))).toContain('timeout')
    expect(await refusal(impatient.users.info({ user: ANA }))).toBe('accepted')
    hangs.remove()
    expect(await refusal(impatient.users.info({ user: BO }))).toBe('accepted')
  })
})
