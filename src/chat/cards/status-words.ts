import type { StatusStage } from '../../domain/incident/status-page.ts'

type Words = {
  readonly heading: string
  readonly opening: string
  readonly status: string
  readonly next: readonly string[]
}

/** The sentences of the runbook’s template at each stage. `back`: a rollback stands; `stable`: that was seen. */
export function stageWords(
  stage: StatusStage,
  { back, stable }: { readonly back: boolean; readonly stable: boolean },
): Words {
  switch (stage) {
    case 'investigating':
      return {
        heading: 'Investigating an Issue',
        opening: 'We are investigating an issue that some users are experiencing.',
        status: '⚠️ Investigating',
        next: ['We will post an update as soon as we know more'],
      }
    case 'identified':
      return {
        heading: 'Issue Identified',
        opening:
          'A recent update is the likely cause of the issue some users are experiencing. We are preparing to roll it back.',
        status: '⚠️ Identified',
        next: ['We will post an update when the rollback begins'],
      }
    case 'rolling-back':
      return {
        heading: 'Rolling Back a Recent Update',
        opening:
          'We are rolling back the recent update to address the issues some users are experiencing.',
        status: '⚠️ A rollback is under way',
        next: ['We will post an update when the rollback is complete'],
      }
    case 'monitoring':
      return {
        heading: 'Monitoring',
        opening: back
          ? 'We have rolled back the recent update and are monitoring the result.'
          : 'We are monitoring the result of our work.',
        status: '⚠️ Monitoring',
        next: ['We will post an update when we are sure that the issue is resolved'],
      }
    case 'resolved':
      return {
        heading: 'Issue Resolved',
        opening: back
          ? 'We’ve successfully rolled back the recent update to address the issues some users were experiencing.'
          : 'The issue some users were experiencing is resolved.',
        // Only what was seen is promised to the world.
        status: stable ? '✅ All systems operational' : '⚠️ Being confirmed',
        next: [
          'We’re investigating the root cause',
          'A fix will be deployed after thorough testing',
          'Full incident report will be published within 24 hours',
        ],
      }
    default:
      return stage satisfies never
  }
}
