import type { RequestOf } from './plan-request.ts'
import type { RequestTraits } from './request-traits.ts'
import { ANOTHER, ERRORS_MAY_GO_ON, ONE, ONE_OF_EACH, TWO } from './request-parts.ts'

type ActionKind =
  | 'restore-beside'
  | 'salvage'
  | 'backup'
  | 'scale-down'
  | 'restart'
  | 'clear-cache'
  | 'tidy-up'
  | 'maintenance'
  | 'resume'
  | 'undo'

/** Those of the requests that are no way back by themselves. */
export const ACTIONS = {
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
} as const satisfies { readonly [Kind in ActionKind]: RequestTraits<RequestOf<Kind>> }
