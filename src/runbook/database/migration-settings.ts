import { z } from 'zod'
import { CollectionName } from './collection-name.ts'

const Name = (what: string) =>
  z.string().regex(/^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/, `must be the name of a ${what}`)

const OnKubernetes = z.strictObject({
  namespace: Name('namespace'),
  serviceAccount: Name('ServiceAccount'),
  /** Its keys are the variables of the program; left out: it has none. */
  secret: Name('Secret').optional(),
})

const OnDocker = z.strictObject({
  /** One of `procedures.docker.hosts`. */
  host: z.string().min(1),
  /** In which it reaches the database. */
  network: z
    .string()
    .regex(/^[a-zA-Z0-9][\w.-]{0,200}$/, 'must be the name of a network, like shop_default')
    .refine(
      (name) => !['host', 'none', 'default'].includes(name),
      'must be a network of its own, and not that of the host',
    ),
  /** Names of variables of Backout itself that it is handed, with their values. */
  environment: z
    .array(z.string().regex(/^[A-Za-z_]\w{0,99}$/, 'must be the name of a variable'))
    .max(20)
    .refine((names) => new Set(names).size === names.length, 'names one of them twice')
    .default([]),
})

/** `procedures.database.migration`: a migration of the release that is taken back in what a switch does not replace. */
export const MigrationSettings = z
  .strictObject({
    /** Where it stands whether the migration is applied: it is, as long as one document matches. */
    ledger: z.strictObject({
      collection: CollectionName,
      applied: z
        .record(z.string(), z.json())
        .refine((filter) => Object.keys(filter).length > 0, 'empty, it would match any document'),
    }),
    /** What its `down` changes; copied beside before it runs. */
    collections: z.array(CollectionName).min(1, 'needs at least one collection').max(20),
    /** By its digest: what two people have signed is what runs. */
    image: z
      .string()
      .max(500)
      .regex(/^[^\s@]+@sha256:[0-9a-f]{64}$/, 'must name its digest: registry/name@sha256:…'),
    command: z.array(z.string().min(1).max(1_000)).min(1, 'needs at least one word').max(50),
    /** It is ended after so long. */
    minutes: z.number().min(1).max(120).default(10),
    /** Where it runs: one of the two. */
    kubernetes: OnKubernetes.optional(),
    docker: OnDocker.optional(),
  })
  .refine(
    ({ kubernetes, docker }) => (kubernetes === undefined) !== (docker === undefined),
    'needs one of kubernetes and docker: where its down runs',
  )

/** What the program is told, beside what it is handed: what it changes, and never its ledger. */
export function toldVariables({
  collections,
  ledger,
}: {
  readonly collections: readonly string[]
  readonly ledger: { readonly collection: string }
}): Readonly<Record<string, string>> {
  const changed = [...new Set(collections)].filter((one) => one !== ledger.collection)
  return { BACKOUT_COLLECTIONS: changed.join(',') }
}
