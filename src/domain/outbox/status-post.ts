import { z } from 'zod'
import { StatusStage } from '../incident/status-page.ts'

/** What status pages call the state of an incident: fewer words than there are stages. */
export const PageStatus = z.enum(['investigating', 'identified', 'monitoring', 'resolved'])
export type PageStatus = z.infer<typeof PageStatus>

export const Impact = z.enum(['none', 'minor', 'major', 'critical'])
export type Impact = z.infer<typeof Impact>

const ComponentState = z.enum([
  'operational',
  'degraded_performance',
  'partial_outage',
  'major_outage',
])

/** Exactly what is published at one stage: plain text, to the last letter. */
export const StatusPost = z.object({
  title: z.string().min(1).max(200),
  body: z.string().min(1).max(4000),
  stage: StatusStage,
  status: PageStatus,
  /** `null`: nobody knows how bad it is, and the page decides by its components. */
  impact: Impact.nullable(),
  components: z.array(z.object({ service: z.string(), id: z.string(), state: ComponentState })),
})
export type StatusPost = z.infer<typeof StatusPost>

/** Which publication of an incident it is: its stage, and a number where it was published again. */
export const StatusPostKey = z.union([
  StatusStage,
  z.templateLiteral([StatusStage, '/', z.int().min(2)]),
])
export type StatusPostKey = z.infer<typeof StatusPostKey>

/** What the page answered. */
export const StatusReceipt = z.object({
  /** What the page calls the incident: the next stages go there. */
  id: z.string().min(1).max(500),
  /** Where people read it; `null`: the page does not say. */
  link: z
    .url({ protocol: /^https?$/ })
    .max(1500)
    .nullable(),
  at: z.iso.datetime(),
})
export type StatusReceipt = z.infer<typeof StatusReceipt>

/** What would be published now, and what tells that it is still the same. */
export type Drafted = { readonly post: StatusPost; readonly digest: string }
