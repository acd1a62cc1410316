import { z } from 'zod'
import { StatusStage } from './status-page.ts'

/**
 * The messages an incident keeps true. Journaled: never rename. `plan-2` is the approval card of
 * its second plan, `run-2` that plan's progress, `watch-1` the first watch over what came of it; `note-17` tells
 * what its 17th event was, in a message of its own because it has to be noticed. Each stage of the
 * status page had a card of its own once; now one card, `status-page`, moves on with the incident.
 */
export const Surface = z.union([
  z.enum([
    'assessment-card',
    'headline',
    'thread-card',
    'checklist',
    'status-page',
    'verification',
  ]),
  z.templateLiteral(['plan-', z.int().positive()]),
  z.templateLiteral(['run-', z.int().positive()]),
  z.templateLiteral(['watch-', z.int().positive()]),
  z.templateLiteral(['note-', z.int().positive()]),
  z.templateLiteral(['status-page-', StatusStage]),
])
export type Surface = z.infer<typeof Surface>
