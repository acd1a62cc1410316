import { fraction, suffix } from '../metrics/noise.ts'
import type { Document } from './documents.ts'
import type { NewCollection } from './simulated-collection.ts'

/** How many there are of each at first. */
const SIZES = { organizations: 40, users: 118, projects: 320, documents: 600 } as const

const versioned = (key: string, more: object = {}) => ({
  v: 2,
  key: { [key]: 1 },
  name: `${key}_1`,
  ...more,
})

const requires = (...required: readonly string[]) => ({
  validator: { $jsonSchema: { bsonType: 'object', required: [...required] } },
})

/** What users of the services have made until then. */
export function firstData(seed: number, atMs: number): readonly NewCollection[] {
  const rows = (what: keyof typeof SIZES, of: (index: number, id: string) => object) =>
    Array.from({ length: SIZES[what] }, (_, index): Document => {
      const id = suffix(seed, `${what} ${index}`, 12)
      return { _id: idOf(seed, `${what} ${index}`), ...of(index, id) }
    })
  const daysAgo = (days: number) => ({ $date: new Date(atMs - days * 86_400_000).toISOString() })
  return [
    {
      name: 'organizations',
      indexes: [versioned('slug', { unique: true })],
      options: requires('slug'),
      documents: rows('organizations', (index, name) => ({
        slug: `org-${index}`,
        name,
        plan: index % 3 === 0 ? 'team' : 'free',
        createdAt: daysAgo(400 - index),
      })),
    },
    {
      name: 'users',
      indexes: [versioned('email', { unique: true })],
      options: requires('email'),
      documents: rows('users', (index, name) => ({
        email: `${name}@example.com`,
        organization: inOrganization(index),
        createdAt: daysAgo(300 - index),
      })),
    },
    {
      name: 'projects',
      indexes: [versioned('organization'), versioned('updatedAt')],
      options: {},
      documents: rows('projects', (index, name) => ({
        name,
        organization: inOrganization(index),
        status: index % 7 === 0 ? 'archived' : 'active',
        updatedAt: daysAgo(index % 200),
      })),
    },
    {
      name: 'documents',
      indexes: [versioned('project')],
      options: {},
      documents: rows('documents', (index, title) => ({
        title,
        project: idOf(seed, `projects ${index % SIZES.projects}`),
        bytes: 1_000 + ((index * 7_919) % 90_000),
      })),
    },
  ]
}

const inOrganization = (index: number): string => `org-${index % SIZES.organizations}`

export function idOf(seed: number, text: string): { readonly $oid: string } {
  const part = (name: string): string =>
    Math.floor(fraction(seed, `${text}/${name}`) * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  return { $oid: part('a') + part('b') + part('c') }
}
