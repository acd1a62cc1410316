import { z } from 'zod'
import { PlanRequest, type RequestKind, type RequestOf } from './plan-request.ts'
import type { RequestTraits } from './request-traits.ts'
import type { SignatureRule } from './signature-rule.ts'

const TWO: readonly SignatureRule[] = [{ count: 2, from: 'approvers' }]
const ONE: readonly SignatureRule[] = [{ count: 1, from: 'approvers', requesterCounts: true }]
const ANOTHER: readonly SignatureRule[] = [{ count: 1, from: 'approvers' }]
const ONE_OF_EACH: readonly SignatureRule[] = [...TWO, { count: 1, from: 'data-owners' }]

const ERRORS_MAY_GO_ON =
  'that the errors are gone. The 5xx ratio covers five minutes, so it still counts the time before'

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
      doing: 'Bringing the data back',
      incident: ({ backup }) => `bring the data back${backup ? ` from ${backup}` : ''}`,
      notProved: 'that what people wrote since the backup is not missed',
      why: 'Why this backup',
    },
  },
  full: {
    ...rollsBack,
    rollsBack: 'data',
    touches: ['services', 'cache', 'data', 'maintenance'],
    takes: ['version', 'backup'],
    signatures: ONE_OF_EACH,
    words: {
      name: 'full',
      doing: 'Rolling everything back',
      incident: ({ toVersion }) => backTo(toVersion),
      notProved: ERRORS_MAY_GO_ON,
      why: 'Why this target',
    },
  },
  'restore-beside': {
    rollsBack: false,
    // What it leaves is removed by tidying up.
    leavesState: false,
    watched: 'never',
    wantsEvidence: false,
    touches: ['data'],
    takes: ['backup'],
    signatures: ANOTHER,
    words: {
      name: 'restore beside',
      doing: 'Restoring beside the live data',
      incident: ({ backup }) => `restore ${backup ?? 'a backup'} beside the live data`,
      notProved: 'that the backup holds what people miss',
      why: 'Why this backup',
    },
  },
  salvage: {
    rollsBack: false,
    leavesState: false,
    watched: 'never',
    wantsEvidence: false,
    touches: ['data'],
    takes: [],
    signatures: ONE_OF_EACH,
    words: {
      name: 'salvage',
      doing: 'Copying back what was written since the backup',
      incident: () => 'salvage what was written since the backup',
      notProved: 'that what was copied back fits what people did since',
      why: 'Why',
    },
  },
  backup: {
    rollsBack: false,
    leavesState: false,
    watched: 'never',
    wantsEvidence: false,
    // It only reads.
    touches: [],
    takes: [],
    signatures: ONE,
    words: {
      name: 'backup',
      doing: 'Making a backup',
      incident: () => 'make a backup',
      notProved: 'that it can be restored: that is tried by restoring it beside',
      why: 'Why',
    },
  },
  'scale-down': {
    rollsBack: false,
    leavesState: true,
    watched: 'never',
    wantsEvidence: true,
    touches: ['services'],
    takes: [],
    signatures: TWO,
    words: {
      name: 'scale down',
      doing: 'Scaling down',
      incident: ({ service }) => `scale ${service} down`,
      notProved: 'how people fare without it',
      why: 'Why',
    },
  },
  restart: {
    rollsBack: false,
    leavesState: false,
    watched: 'when-done',
    wantsEvidence: true,
    touches: ['services'],
    takes: [],
    signatures: TWO,
    words: {
      name: 'restart',
      doing: 'Restarting',
      incident: ({ service }) => `restart ${service}`,
      notProved: ERRORS_MAY_GO_ON,
      why: 'Why',
    },
  },
  'clear-cache': {
    rollsBack: false,
    leavesState: false,
    watched: 'never',
    wantsEvidence: true,
    touches: ['cache'],
    takes: [],
    signatures: TWO,
    words: {
      name: 'clear the cache',
      doing: 'Clearing the cache',
      incident: () => 'clear the cache',
      notProved: 'that services answer well from an empty cache',
      why: 'Why',
    },
  },
  'tidy-up': {
    rollsBack: false,
    leavesState: false,
    watched: 'never',
    // What never ran has no logs.
    wantsEvidence: false,
    touches: ['services', 'data'],
    takes: [],
    signatures: TWO,
    words: {
      name: 'tidy up',
      doing: 'Tidying up',
      incident: () => 'tidy up',
      notProved: 'that nobody wanted to go back any more',
      why: 'Why',
    },
  },
  maintenance: {
    rollsBack: false,
    leavesState: true,
    watched: 'never',
    // A switch that is only read back destroys nothing.
    wantsEvidence: false,
    touches: ['maintenance'],
    takes: [],
    signatures: ONE,
    words: {
      name: 'maintenance',
      doing: 'Switching maintenance',
      incident: ({ on }) => `maintenance ${on ? 'on' : 'off'}`,
      notProved: 'that people see what they should',
      why: 'Why',
    },
  },
  resume: {
    rollsBack: false,
    leavesState: true,
    // It lets something else write: that is watched however it ended.
    watched: 'however-it-ends',
    wantsEvidence: true,
    touches: ['services'],
    takes: [],
    signatures: TWO,
    words: {
      name: 'resume',
      doing: 'Resuming',
      incident: () => 'resume what was suspended',
      notProved: 'that what it writes from now on is good',
      why: 'Why',
    },
  },
  undo: {
    rollsBack: false,
    leavesState: true,
    watched: 'as-undone',
    wantsEvidence: true,
    touches: 'as-undone',
    takes: [],
    signatures: 'as-undone',
    words: {
      name: 'undo',
      doing: 'Undoing',
      incident: ({ plan }) => `undo plan ${plan}`,
      notProved: ERRORS_MAY_GO_ON,
      why: 'Why',
    },
  },
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
