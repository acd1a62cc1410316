import { z } from 'zod'

/** What is read of an incident: https://developer.statuspage.io/#tag/incidents */
export const Incident = z.object({
  id: z.string().min(1).max(100),
  status: z.string(),
  shortlink: z.string().nullish(),
  metadata: z.unknown(),
  incident_updates: z.array(z.object({ status: z.string(), body: z.string().nullish() })).nullish(),
})
export type Incident = z.infer<typeof Incident>

export const Incidents = z.array(Incident)

export const Page = z.object({ id: z.string(), name: z.string().nullish() })

export const Components = z.array(z.object({ id: z.string(), name: z.string() }))

const Marks = z.object({
  backout: z.object({
    incident: z.string(),
    posts: z.string().transform((keys) => keys.split(' ').filter((key) => key !== '')),
  }),
})

/** Which incident of ours it is, and which posts it has taken; `null`: it is none of ours. */
export function marksOf({ metadata }: Incident): z.infer<typeof Marks>['backout'] | null {
  return Marks.safeParse(metadata).data?.backout ?? null
}

/** Where people read it, if that is a web address. */
export function linkOf({ shortlink }: Incident): string | null {
  const url = shortlink ? URL.parse(shortlink) : null
  return url && /^https?:$/.test(url.protocol) && url.href.length <= 1500 ? url.href : null
}
