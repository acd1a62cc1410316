import { z } from 'zod'
import { DatabaseSettings } from '../runbook/database/settings.ts'
import { DockerSettings } from '../runbook/docker/settings.ts'
import { FeatureFlagSettings } from '../runbook/feature-flag/settings.ts'
import { FullSettings } from '../runbook/full/settings.ts'
import { KubernetesSettings } from '../runbook/kubernetes/settings.ts'
import { asRecord } from './as-record.ts'
import type { Readable } from './readable.ts'

/**
 * Every way back that `procedures` in backout.yaml can configure. A new one is a line here, a word
 * below, and the settings file beside its code.
 */
export const Procedures = z
  .strictObject({
    kubernetes: KubernetesSettings,
    docker: DockerSettings,
    database: DatabaseSettings,
    featureFlag: FeatureFlagSettings,
    full: FullSettings,
  })
  .partial()
export type Procedures = z.infer<typeof Procedures>

/** Under which key each one names the services that it runs; `null`: it runs none. */
const SERVICES_UNDER: {
  readonly [Name in keyof Procedures]-?: keyof NonNullable<Procedures[Name]> | null
} = {
  kubernetes: 'deployments',
  docker: 'services',
  database: null,
  featureFlag: null,
  full: null,
}

export type NamedService = {
  readonly name: string
  /** Where it is named, as a path in the settings. */
  readonly path: readonly string[]
}

/** The services that the configured ways back run. */
export function servicesRunBy(procedures: Readable<Procedures>): readonly NamedService[] {
  const configured = asRecord(procedures)
  return Object.entries(SERVICES_UNDER).flatMap(([procedure, under]) => {
    const section = asRecord(configured?.[procedure])
    const names = under === null ? [] : Object.keys(asRecord(section?.[under]) ?? {})
    return names.map((name) => ({ name, path: ['procedures', procedure, String(under), name] }))
  })
}
