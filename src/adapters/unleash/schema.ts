import { z } from 'zod'

const Strategies = z.array(z.object({ disabled: z.boolean().nullish() })).default([])

/** `GET /api/admin/projects/{project}/features/{feature}`, as far as it is read. */
export const Feature = z.object({
  name: z.string(),
  createdAt: z.string(),
  environments: z.array(
    z.object({ name: z.string(), enabled: z.boolean(), strategies: Strategies }),
  ),
  /** Flags that are off wherever this one is. */
  children: z.array(z.string()).nullish(),
})
export type Feature = z.infer<typeof Feature>

/** `GET /api/client/features`: what services are told when they ask. */
export const ClientFeatures = z.object({
  features: z.array(z.object({ name: z.string(), enabled: z.boolean() })),
  /** Which environment the token is for; older ones do not say. */
  query: z.object({ environment: z.string().nullish() }).nullish(),
})

/** `GET /api/admin/projects/{project}/change-requests/config`, of its Enterprise edition. */
export const ChangeRequests = z.array(
  z.object({ environment: z.string(), changeRequestEnabled: z.boolean() }),
)

/** `GET /api/admin/user`: what the token may do. Left out where it may do so everywhere. */
export const Rights = z.object({
  permissions: z.array(
    z.object({
      permission: z.string(),
      project: z.string().nullish(),
      environment: z.string().nullish(),
    }),
  ),
})
export type Rights = z.infer<typeof Rights>

/** `GET /api/admin/search/events`: what was done, the newest first; since 4.14.3. */
export const Events = z.object({
  events: z.array(
    z.object({
      type: z.string(),
      createdAt: z.iso.datetime({ offset: true }),
      createdBy: z.string().nullish(),
      featureName: z.string().nullish(),
      environment: z.string().nullish(),
    }),
  ),
})

/** `GET /api/admin/ui-config`, as far as it is read. */
export const About = z.object({ version: z.string() })

/** How it says no. */
export const Refused = z.object({ message: z.string() })
