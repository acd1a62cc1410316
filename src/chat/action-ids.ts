/** The buttons and selects that people press on an incident's cards. Slack sends these names back. */
export const ACTIONS = {
  declare: 'declare-incident',
  checkAgain: 'check-again',
  reportSymptom: 'report-symptom',
  close: 'close-incident',
  refreshHome: 'home-refresh',
} as const

export const START_MODAL = 'start-incident'
export const DECLARE_SHORTCUT = 'declare-incident'
