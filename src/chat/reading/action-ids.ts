/**
 * The buttons and selects that people press on an incident's cards. Slack sends these names back,
 * with a value of parts between slashes, the incident first: `20261122-abcd/2/<digest>`.
 */
export const ACTIONS = {
  declare: 'declare-incident',
  checkAgain: 'check-again',
  reportSymptom: 'report-symptom',
  /** incident: opens a form that says what is still open. */
  close: 'close-incident',
  /** incident */
  reopen: 'reopen-incident',
  /** incident: opens a form. */
  edit: 'edit-incident',
  /** incident */
  fixDeployed: 'fix-deployed',
  /** incident */
  takeLead: 'take-lead',
  /** user/enrolment: an approver knows that it is they. */
  confirmEnrolment: 'confirm-enrolment',
  refreshHome: 'home-refresh',
  /** incident: opens every rule and every question behind its newest answer. */
  showEvidence: 'show-evidence',
  /** incident */
  prepareRollback: 'prepare-rollback',
  /** incident/plan/digest: opens the plan whole. */
  showPlan: 'show-plan',
  /** A page of it, in what was opened. */
  planPageBefore: 'plan-page-before',
  /** A page of it, in what was opened. */
  planPageNext: 'plan-page-next',
  /** incident/plan/digest */
  approve: 'approve-plan',
  /** incident/plan/digest: opens a form for the reason. */
  deny: 'deny-plan',
  /** incident/plan: the same request once more, against the world as it is then. */
  planAgain: 'plan-again',
  /** incident */
  abort: 'abort-run',
  /** incident/plan/step: a step that people do. */
  stepDone: 'step-done',
  /** incident/plan */
  undo: 'undo-plan',
  /** incident */
  stopWatching: 'stop-watching',
  /** incident/item */
  tick: 'tick-item',
  /** incident/stage/digest: exactly the text of that card. */
  publishStatus: 'publish-status',
  /** incident/list/digest: exactly the letter of that card, to exactly those on the list. */
  sendLetter: 'send-letter',
  /** incident */
  verify: 'verify-again',
  /** incident/item */
  tickVerified: 'tick-verified',
  /** incident */
  reportPublished: 'report-published',
  /** incident/stage */
  statusPublished: 'status-published',
  /** incident/stage */
  statusSkipped: 'status-skipped',
  /** incident/stage: opens a form with the draft. */
  editStatus: 'edit-status',
} as const

export const START_MODAL = 'start-incident'
export const CLOSE_MODAL = 'close-incident'
export const EDIT_MODAL = 'edit-incident'
export const DENY_MODAL = 'deny-plan'
export const MAINTENANCE_MODAL = 'switch-maintenance'
export const EDIT_STATUS_MODAL = 'edit-status'
export const ADD_MOMENT_MODAL = 'add-to-timeline'
export const CHECK_MOMENT_MODAL = 'check-moment'
export const DECLARE_SHORTCUT = 'declare-incident'
export const ADD_TO_TIMELINE_SHORTCUT = 'add-to-timeline'
