import { z } from 'zod'
import { PlanRequest, type RequestKind, type RequestOf } from './plan-request.ts'
import type { RequestTraits } from './request-traits.ts'
import { ACTIONS } from './action-requests.ts'
import { ERRORS_MAY_GO_ON, ONE_OF_EACH, TWO } from './request-parts.ts'

const rollsBack = {
  rollsBack: 'code',
  leavesState: true,
  watched: 'when-done',
  wantsEvidence: true,
  signatures: TWO,
} as const satisfies Partial<RequestTraits>

function backTo(version: string | null): string {
  return version ? `roll back to ${version}` : 'roll back'
}

/**
 * Everything that the program needs to know of a kind of request, beside how it is carried out. The
 * ways back come first, from the cheapest to undo to the dearest.
 */
export const REQUESTS = {
  'feature-flag': {
    ...rollsBack,
    touches: ['services'],
    takes: [],
    words: {
      name: 'feature flag',
      alsoCalled: ['flag'],
      doing: 'Switching the feature flag',
      incident: ({ flag }) => `switch ${flag ?? 'the feature flag'} off`,
      notProved: ERRORS_MAY_GO_ON,
      why: 'Why this flag',
    },
  },
  kubernetes: {
    ...rollsBack,
    touches: ['services'],
    takes: ['version', 'services'],
    words: {
      name: 'kubernetes',
      alsoCalled: ['k8s'],
      doing: 'Rolling back',
      incident: ({ toVersion }) => backTo(toVersion),
      notProved: ERRORS_MAY_GO_ON,
      why: 'Why this target',
    },
  },
  docker: {
    ...rollsBack,
    touches: ['services'],
    takes: ['version', 'services'],
    words: {
      name: 'docker',
      alsoCalled: ['compose', 'dockercompose'],
      doing: 'Rolling back',
      incident: ({ toVersion }) => backTo(toVersion),
      notProved: ERRORS_MAY_GO_ON,
      why: 'Why this target',
    },
  },
  database: {
    ...rollsBack,
    rollsBack: 'data',
    touches: ['services', 'data', 'maintenance'],
    first: 'restore-beside',
    takes: ['backup'],
    signatures: ONE_OF_EACH,
    words: {
      name: 'database',
      alsoCalled: ['db', 'mongo', 'mongodb'],
      next: 'Prepare the switch',
      doing: 'Bringing the data back',
      incident: ({ backup }) => `bring the data back${backup ? ` from ${backup}` : ''}`,
      notProved:
        'that nobody misses what was written since the backup: ask the people, “salvage” copies documents back',
      why: 'Why this backup',
    },
  },
  full: {
    ...rollsBack,
    rollsBack: 'data',
    touches: ['services', 'cache', 'data', 'maintenance'],
    takes: ['version', 'backup', 'message'],
    signatures: ONE_OF_EACH,
    words: {
      name: 'full',
      doing: 'Rolling everything back',
      incident: ({ toVersion }) => backTo(toVersion),
      notProved: ERRORS_MAY_GO_ON,
      why: 'Why this target',
    },
  },
  ...ACTIONS,
} as const satisfies { readonly [Kind in RequestKind]: RequestTraits<RequestOf<Kind>> }

/** The named ways back. */
export type ProcedureName = {
  [Kind in RequestKind]: (typeof REQUESTS)[Kind]['rollsBack'] extends false ? never : Kind
}[RequestKind]

const KINDS = PlanRequest.options.map(({ shape }) => shape.kind.value)
const PROCEDURES = KINDS.filter((kind): kind is ProcedureName => REQUESTS[kind].rollsBack !== false)

export const ProcedureName = z.enum(PROCEDURES)

/** The only way back there was once: what a card of those days means. */
export const BEFORE_OTHERS: ProcedureName = 'kubernetes'
