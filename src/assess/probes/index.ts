import type { Probe } from '../probe.ts'
import { activeUsersNearBaseline } from './active-users-near-baseline.ts'
import { cacheAnswering } from './cache-answering.ts'
import { clientErrorsNearBaseline } from './client-errors-near-baseline.ts'
import { databaseAnswering } from './database-answering.ts'
import { errorRatioLow } from './error-ratio-low.ts'
import { healthPassing } from './health-passing.ts'
import { latencyNearBaseline } from './latency-near-baseline.ts'
import { loginsSucceeding } from './logins-succeeding.ts'
import { maintenanceOff } from './maintenance-off.ts'
import { metricsFresh } from './metrics-fresh.ts'
import { targetsUp } from './targets-up.ts'
import { tenantsApart } from './tenants-apart.ts'
import { trafficNearBaseline } from './traffic-near-baseline.ts'
import { versionKnown } from './version-known.ts'
import { workloadsReady } from './workloads-ready.ts'

/** Every probe, in the order people read them. A new one is one file and one line here. */
export const probes: readonly Probe[] = [
  healthPassing,
  errorRatioLow,
  clientErrorsNearBaseline,
  loginsSucceeding,
  latencyNearBaseline,
  trafficNearBaseline,
  activeUsersNearBaseline,
  workloadsReady,
  tenantsApart,
  maintenanceOff,
  databaseAnswering,
  cacheAnswering,
  targetsUp,
  metricsFresh,
  versionKnown,
]
