import type { SimulatedAlert } from './alerts.ts'
import type { StoredNumber } from '../ports/cache.ts'
import type { MetricAnswer } from '../ports/metrics.ts'

/** `refusing`: nothing listens there. `silent`: it accepts the question and never answers. */
export type Availability = 'answering' | 'refusing' | 'silent'

/** The state of the simulated production since the deploy. Before it, everything was `healthy`. */
export type Production = {
  readonly version: string
  readonly previousVersion: string
  readonly crashLooping: boolean
  /** `null`: nothing is counted any more. */
  readonly requestsPerSecond: number | null
  /** Share of all requests answered with 5xx. */
  readonly errorPercent: number
  /** Share of all requests answered with 4xx. */
  readonly clientErrorPercent: number
  /** Share of all requests answered with 503 because maintenance is on; part of `errorPercent`. */
  readonly unavailablePercent: number
  readonly loginsPerSecond: number
  readonly loginFailurePercent: number
  readonly p95Seconds: number
  readonly activeUsers: number
  readonly sampleAgeSeconds: number
  readonly prometheus: Availability
  readonly redis: Availability
  readonly mongodb: Availability
  /** The folder with backups. */
  readonly backups: Availability
  readonly services: Availability
  readonly kubernetes: Availability
  /** Of hosts of containers, by their names; one that is left out answers. */
  readonly hosts: Readonly<Record<string, Availability>>
  readonly alertmanager: Availability
  /** Of stores of flags, by their names; one that is left out answers. */
  readonly flagStores: Readonly<Record<string, Availability>>
  /** Open alerts, besides those that the state itself brings about. */
  readonly alerts: readonly SimulatedAlert[]
  /** Answers to particular queries, in place of the computed ones. */
  readonly answers: Readonly<Record<string, MetricAnswer>>
  /** Keys of Redis, besides the number of active users. */
  readonly keys: Readonly<Record<string, StoredNumber>>
  /** What the user of Redis may do with the cache; `not-told`: everything, and nobody says so. */
  readonly clearingRight: 'granted' | 'refused' | 'not-told'
  readonly connections: { readonly current: number; readonly available: number } | null
  readonly writablePrimary: boolean
  /** How many documents of a collection match, whatever is asked for; of others none does. */
  readonly matching: Readonly<Record<string, number>>
  /** What is wrong is wrong with `version`, and ends when nothing runs it any more. */
  readonly causedByRelease: boolean
  /** What is wrong is wrong with the data that it has left, whatever runs, and ends with that. */
  readonly causedByData: boolean
  /** What is wrong is wrong as long as `version` runs with {@link FLAG} on. */
  readonly causedByFlag: boolean
  /** Somebody of one organisation is shown what belongs to another. */
  readonly leaksBetweenOrganisations: boolean
  /** Their images are gone: nothing new of them starts. */
  readonly missingVersions: readonly string[]
  /** What containers of these versions do in place of serving. */
  readonly sickVersions: Readonly<Record<string, 'unhealthy' | 'exits'>>
  /** What somebody has removed that templates need, by its name. */
  readonly missingNeeds: readonly string[]
}

export const healthy: Production = {
  version: 'v2.0.0',
  previousVersion: 'v1.9.0',
  crashLooping: false,
  requestsPerSecond: 42,
  errorPercent: 0.2,
  clientErrorPercent: 2.5,
  unavailablePercent: 0,
  loginsPerSecond: 3.5,
  loginFailurePercent: 0.8,
  p95Seconds: 0.24,
  activeUsers: 118,
  sampleAgeSeconds: 6,
  prometheus: 'answering',
  redis: 'answering',
  mongodb: 'answering',
  backups: 'answering',
  services: 'answering',
  kubernetes: 'answering',
  hosts: {},
  alertmanager: 'answering',
  flagStores: {},
  alerts: [],
  answers: {},
  keys: {},
  clearingRight: 'granted',
  connections: { current: 37, available: 51_163 },
  writablePrimary: true,
  matching: {},
  causedByRelease: true,
  causedByData: false,
  causedByFlag: false,
  leaksBetweenOrganisations: false,
  missingVersions: [],
  sickVersions: {},
  missingNeeds: [],
}

/** The flag that the release brought, in the scenario that is about it. */
export const FLAG = 'MULTI_TENANT_ENABLED'

/** What the parts of the sandbox look at: the state, and since when it is so. */
export type Stage = {
  readonly now: () => number
  readonly seed: number
  /** Every answer comes within this time; 0: at once. */
  readonly slowestMs: number
  readonly deployedAtMs: number
  /** The state as it is now. */
  readonly production: () => Production
  /** As it was at a moment after the deploy. */
  readonly productionAt: (atMs: number) => Production
  readonly serving: WhatRuns['serving']
}

/** What runs the services, as far as it decides how production is. */
export type WhatRuns = {
  readonly services: readonly string[]
  /** The version that answers for the service; `null`: nobody does. */
  readonly serving: (service: string, atMs: number) => string | null
  readonly runs: (version: string, atMs: number) => boolean
  /** Whether anything of that version goes by a flag that is on. */
  readonly goesByFlag: (version: string, atMs: number) => boolean
  /** How many of the service may write: one that ends still does until it is gone. */
  readonly writing: (service: string, atMs: number) => number
}
