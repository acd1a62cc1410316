import type { Enrolling } from '../../adapters/slack/enrolling.ts'
import type { Served } from '../../adapters/slack/served.ts'
import { evidenceModal } from '../../chat/answers/evidence-modal.ts'
import { planModal } from '../../chat/answers/plan-modal.ts'
import { statusDraft } from '../../chat/cards/status-draft.ts'
import type { Config } from '../../config/load-config.ts'
import type { Engine } from '../../engine/engine-types.ts'
import type { Conversations } from '../../ports/conversations.ts'
import type { World } from '../../ports/world.ts'
import type { Answering } from '../answer.ts'
import type { Readiness } from '../readiness/keep-readiness.ts'
import type { LateReleaseWatch } from '../release-watch/late-release-watch.ts'
import { waysBackIn } from '../ways-back.ts'

export const loadAnswers = () => import('../answer.ts')

/** What people reach from the channels of this environment: its engine alone, its world alone. */
export function servedBy(
  config: Config,
  deps: {
    readonly engine: Engine
    readonly world: () => Promise<World>
    readonly readiness: Readiness
    readonly releases: Pick<LateReleaseWatch, 'shown'>
    readonly conversations: Conversations
    readonly shownIn: <Shown>(shown: Shown) => Shown
    readonly enrolling: Enrolling | null
    readonly asForm: Served['form']
  },
): { readonly served: Served; readonly answering: Answering } {
  const { settings } = config
  const { engine, shownIn } = deps
  const answering: Answering = {
    world: deps.world,
    settings: config.assess,
    verification: config.verification,
    environment: settings.environment,
    contacts: settings.contacts,
    incident: engine.load,
    declared: engine.declared,
    open: engine.open,
    unreadable: engine.unreadable,
    linkTo: deps.conversations.linkTo,
    readiness: deps.readiness,
    releases: deps.releases,
  }
  const served: Served = {
    channels: settings.slack.channels,
    services: settings.services.map(({ name }) => name),
    procedures: waysBackIn(config),
    async receive({ incident, received }) {
      const receipt = await engine.receive(incident, received)
      // What follows is not what a person waits for: after the acknowledgement (J9).
      if (receipt.kind === 'received') setImmediate(engine.wake, receipt.incident)
      return receipt
    },
    incidentIn: engine.inThread,
    incident: engine.load,
    openIncidents: engine.open,
    statusDraft: (incident, stage) => statusDraft(stage, incident, settings.environment),
    everyRule: (assessment) => shownIn(evidenceModal(assessment)),
    wholePlan: (...of) => shownIn(planModal(...of)),
    enrolling: deps.enrolling,
    form: deps.asForm,
    answer: async (query) => shownIn(await (await loadAnswers()).answer(query, answering)),
  }
  return { served, answering }
}
