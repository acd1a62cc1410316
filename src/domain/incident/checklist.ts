import { z } from 'zod'

/** What only a person can do before a rollback, of the runbook's pre-rollback checklist. */
export const ChecklistItem = z.enum(['on-call-alerted', 'customers-told'])
export type ChecklistItem = z.infer<typeof ChecklistItem>
