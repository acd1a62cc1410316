import { z } from 'zod'
import { CollectionName } from './collection-name.ts'
import { MigrationSettings } from './migration-settings.ts'

export { MigrationSettings, toldVariables } from './migration-settings.ts'

/** Something that holds a copy of the data, and is not rolled back with it. */
const DependentStore = z.strictObject({
  name: z.string().min(1).max(60),
  /** What has to be done after a switch: "rebuild from empty". */
  afterwards: z.string().min(1).max(200),
  /** Who does it. */
  by: z.string().min(1).max(60),
})
export type DependentStore = z.infer<typeof DependentStore>

/** `procedures.database` in backout.yaml. */
export const DatabaseSettings = z
  .strictObject({
    /** The database, and those of its collections that a rollback replaces; all others are left alone. */
    name: z.string().regex(/^[^/\\. "$*<>:|?\0]{1,63}$/, 'must be the name of a database'),
    collections: z
      .array(CollectionName)
      .min(1, 'needs at least one collection')
      .refine((names) => new Set(names).size === names.length, 'names one of them twice'),
    backups: z.strictObject({
      /** A folder with archives and folders of mongodump. */
      folder: z.string().min(1),
      /** New ones are read whole by themselves, so that a plan finds one that was verified. */
      verifyNew: z.boolean().default(true),
      /** An older one is only used when somebody names it. */
      maxAgeHours: z
        .number()
        .positive()
        .max(24 * 366)
        .default(48),
    }),
    /** The services that write to it: stopped while collections are switched. Left out: all that are configured. */
    writers: z.array(z.string()).optional(),
    /** So much of a restore is sent in a second at most; 0: as fast as it goes. */
    restoreMegabytesPerSecond: z.number().min(0).max(10_000).default(0),
    /** What a switch has replaced is kept at least so long. */
    keepDays: z.number().min(0).max(366).default(7),
    /**
     * So many documents may be written between the comparison and the switch; with more of them the switch is
     * not made, and people decide anew.
     */
    mostWrittenMeanwhile: z.int().min(0).default(1_000),
    /** Collections in which nothing deleted is ever brought back without saying so: people, sessions, tokens. */
    personal: z.array(CollectionName).default(['users', 'sessions', 'tokens']),
    /**
     * Items of `verification` that try a write and a read through the application: they have to pass before
     * maintenance goes off.
     */
    proveBy: z.array(z.string().min(1)).max(5).default([]),
    dependentStores: z.array(DependentStore).max(20).default([]),
    /** Left out: no migration is ever taken back. */
    migration: MigrationSettings.optional(),
  })
  .check((context) => {
    const { collections, migration } = context.value
    const replaced = (path: readonly (string | number)[], name: string): void => {
      const message = `${name} is replaced by a switch, and stands as in the backup then`
      const where = ['migration', ...path]
      context.issues.push({ code: 'custom', path: where, message, input: name })
    }
    const ledger = migration?.ledger.collection
    if (ledger !== undefined && collections.includes(ledger)) {
      replaced(['ledger', 'collection'], ledger)
    }
    for (const [at, name] of (migration?.collections ?? []).entries()) {
      if (collections.includes(name)) replaced(['collections', at], name)
    }
  })
  .refine(({ name }) => !['admin', 'config', 'local'].includes(name), {
    path: ['name'],
    message: 'is a database of MongoDB itself, and is never rolled back',
  })
export type DatabaseSettings = z.infer<typeof DatabaseSettings>
