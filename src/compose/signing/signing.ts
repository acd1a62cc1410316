import type { Desk } from '../../adapters/signing-page/desk.ts'
import type { SigningPage } from '../../adapters/signing-page/server.ts'
import type { Enrolling } from '../../adapters/slack/enrolling.ts'
import type { Config } from '../../config/load-config.ts'
import { refusalOf } from '../../domain/incident/decide.ts'
import type { View } from '../../domain/base/view.ts'
import type { Engine } from '../../engine/engine-types.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Conversations } from '../../ports/conversations.ts'
import type { Journal } from '../../ports/journal.ts'
import type { Log } from '../../ports/log.ts'
import type { KeptAnswers } from '../../ports/second-factor.ts'
import { sleep } from '../sleep.ts'
import { enrollingOver, NO_ENROLLING } from './enrolling.ts'
import { keepRights } from './keep-rights.ts'
import { nameIn } from './names.ts'
import { openStore } from './open-store.ts'
import { undeclaredOf } from './undeclared-of.ts'
import { wishesOutside } from './wish-outside.ts'

/** A person waits before a browser that is not to give up before. */
const PATIENCE_MS = 8_000

export type Signing = {
  readonly enrolling: Enrolling
  /** What Slack has said, for those who sign without it; `undefined`: nobody does. */
  readonly keptAnswers: KeptAnswers | undefined
  /** Opens the page. Throws the `Fault` that keeps it from being opened. */
  start(): Promise<void>
  stop(): Promise<void>
}

type Deps = {
  /** Who we are in Slack, once it has said it. */
  readonly slack: { readonly identified: Promise<unknown> }
  readonly conversations: Conversations
  readonly shownIn: (view: View) => View
  readonly journal: Journal
  /** Asked for once it is there. */
  readonly engine: () => Engine
  readonly clock: Clock
  readonly log: Log
}

const OFF: Signing = {
  enrolling: NO_ENROLLING,
  keptAnswers: undefined,
  async start() {},
  async stop() {},
}

/** Signing while Slack is down, where it is configured. Nothing of it is loaded elsewhere. */
export async function openSigning(config: Config, deps: Deps): Promise<Signing> {
  const { signing, settings } = config
  if (!signing) return OFF
  const { clock, log, journal } = deps
  const secondFactor = await openStore(config, signing, clock)
  const enrolling = enrollingOver({
    ...deps,
    secondFactor,
    approver: (user) => deps.engine().approver(user),
    channel: settings.slack.channels[0] ?? '',
    url: signing.url,
    now: clock.now,
  })
  const wished = wishesOutside({
    via: 'page',
    receive: (incident, received) => deps.engine().receive(incident, received),
    wake: (id) => deps.engine().wake(id),
    journal,
    headlineChannel: settings.slack.channels[0] ?? '',
    patienceMs: PATIENCE_MS,
    sleep,
  })
  const desk: Desk = {
    environment: settings.environment,
    approval: settings.approval,
    nameOf: nameIn(settings.contacts),
    secondFactor,
    sessions: secondFactor.sessions,
    barred: async (user) => refusalOf((await deps.engine().approverOutside(user)).kind),
    open: () => deps.engine().open(),
    undeclared: () => undeclaredOf(deps.engine(), clock),
    unreadable: () => deps.engine().unreadable(),
    incident: (id) => deps.engine().load(id),
    wish: (by, incident, intent) => wished({ by, incident, intent }),
    proved: enrolling.proved,
    log,
  }
  const rights = keepRights({
    secondFactor,
    approver: (user) => deps.engine().approver(user),
    clock,
    log,
  })
  let page: SigningPage | null = null
  return {
    enrolling,
    keptAnswers: secondFactor.answers,
    async start() {
      const { signingPage } = await import('../../adapters/signing-page/server.ts')
      page = await signingPage({ ...signing, desk, now: clock.now })
      log.info('people can sign without Slack', { url: signing.url, port: page.port })
      // Before Slack has said which workspace is ours, nothing could be read.
      void deps.slack.identified.then(rights.turn)
    },
    async stop() {
      await Promise.all([rights.stop(), page?.stop()])
      await secondFactor.close()
    },
  }
}
