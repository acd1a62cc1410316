import { ApprovalSettings } from '../../src/domain/plan/gate.ts'

/** What cards are rendered with, where it is about none of it: two people may sign. */
export const RENDERED_WITH = {
  environment: 'production',
  open: () => [],
  approval: ApprovalSettings.parse({ users: ['U0BO', 'U0CY'] }),
  contacts: { onCall: [], support: [], channels: [] },
}
