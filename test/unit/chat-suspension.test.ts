import { expect, test } from 'vitest'
import { headline } from '../../src/chat/views/headline.ts'
import { threadCard } from '../../src/chat/views/thread-card.ts'
import type { Event } from '../../src/domain/event.ts'
import { incidentAfter, opened, declared } from '../support/builders.ts'
import {
  approval,
  planProposed,
  planRequested,
  rollback,
  runEnded,
  runStarted,
  stepStarted,
  stepSucceeded,
} from '../support/plan-story.ts'

const shop = { kind: 'Application', namespace: 'argocd', name: 'shop', uid: 'u-1' } as const
const words = 'Argo CD application argocd/shop'

const suspending = (suspend: boolean) => ({
  id: 'suspend-owners',
  title: `${suspend ? 'Suspend' : 'Resume'} ${words}`,
  input: { suspend, owners: [{ ...shop, from: suspend ? {} : null, to: suspend ? null : {} }] },
})
const carriedOut: readonly Event[] = [runStarted, stepStarted(), stepSucceeded(), runEnded()]
const suspendedBy = (...more: Event[]) =>
  incidentAfter(
    opened,
    declared,
    planRequested(rollback),
    planProposed({ steps: [suspending(true)] }),
    ...carriedOut,
    ...more,
  )
const textOf = (view: { readonly blocks: unknown }) => JSON.stringify(view.blocks)

test('the headline says what is suspended, until it is resumed', () => {
  expect(textOf(headline(suspendedBy(), 'production'))).toContain(
    `*Suspended:* ${words}, until somebody types \`/rollback resume\`.`,
  )
  const never = incidentAfter(opened, declared, planRequested(rollback))
  expect(textOf(headline(never, 'production'))).not.toContain('Suspended')
})

test('closing says what nobody resumes then, and the closed headline goes on saying it', () => {
  const card = textOf(threadCard(suspendedBy(), approval))
  expect(card).toContain(`${words}: still suspended. After closing, it is resumed by hand.`)
  const closed = suspendedBy({ type: 'incident-closed', by: 'U0ANA' })
  expect(textOf(headline(closed, 'production'))).toContain(
    `*Suspended, and not resumed by Backout:* ${words}. Resume it by hand.`,
  )
})
