import { expect, test } from 'vitest'
import { closeModal } from '../../src/chat/forms/close-modal.ts'
import { headline } from '../../src/chat/cards/headline.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
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

const shop = { kind: 'Application', namespace: 'argocd', name: 'shop' } as const
const WORKS = { prune: true }
const words = 'Argo CD application argocd/shop'

const suspending = (suspend: boolean) => ({
  id: 'suspend-owner',
  title: `${suspend ? 'Suspend' : 'Resume'} ${words}`,
  input: {
    suspend,
    owner: shop,
    uid: 'u-1',
    from: suspend ? WORKS : null,
    to: suspend ? null : WORKS,
  },
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
  expect(textOf(headline(suspendedBy(), 'production', approval))).toContain(
    `*Suspended by plan 1:* ${words}`,
  )
  const never = incidentAfter(opened, declared, planRequested(rollback))
  expect(textOf(headline(never, 'production', approval))).not.toContain('Suspended')
})

test('closing says what nobody resumes then, and the closed headline goes on saying it', () => {
  const about = { incident: 'i-1', card: '1.0', place: { channel: 'C0INCIDENTS', thread: null } }
  expect(JSON.stringify(closeModal(about, suspendedBy()))).toContain(
    `${words} is suspended by plan 1.`,
  )
  const closed = suspendedBy({ type: 'incident-closed', by: 'U0ANA' })
  expect(textOf(headline(closed, 'production', approval))).toContain(
    `*Suspended by plan 1:* ${words} (before: works by itself, {\\"prune\\":true})`,
  )
})

test('to type resume is advised only while it would not be refused', () => {
  const advises = (incident: Incident) =>
    textOf(headline(incident, 'production', approval)).includes('type `/rollback resume`')
  expect(advises(suspendedBy())).toBe(true)
  const restart = planRequested({ kind: 'restart', service: 'backend' }, 2)
  const busy: Event[] = [restart, planProposed({}, 2), { type: 'run-started', plan: 2 }]
  expect(advises(suspendedBy(...busy))).toBe(false)
})
