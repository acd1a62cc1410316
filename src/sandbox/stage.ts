import { healthy } from './production.ts'
import type { Production, Stage, WhatRuns } from './production.ts'

/** What the faults of a release spoil, as it is without them. */
const { requestsPerSecond, clientErrorPercent, loginsPerSecond, loginFailurePercent } = healthy
const { p95Seconds, activeUsers } = healthy
const cured = {
  crashLooping: false,
  requestsPerSecond,
  // The release before it fails for nobody: what is verified then can be well.
  errorPercent: 0,
  unavailablePercent: 0,
  clientErrorPercent,
  loginsPerSecond,
  loginFailurePercent,
  p95Seconds,
  activeUsers,
}

/** Who was logged in when the last service went away. */
const lastUsers = 4

/** Joins what is wrong with what is running: one without the other shows nothing. */
export function stageOf(
  facts: () => Production,
  { services, serving, runs, goesByFlag }: WhatRuns,
  isSpoiltAt: (atMs: number) => boolean,
  {
    now,
    seed,
    deployedAtMs,
    slowestMs,
  }: Pick<Stage, 'now' | 'seed' | 'deployedAtMs' | 'slowestMs'>,
): Stage {
  const productionAt = (atMs: number): Production => {
    const production = facts()
    if (services.length === 0) return production
    if (services.every((service) => serving(service, atMs) === null)) {
      const users = Math.min(production.activeUsers, lastUsers)
      return { ...production, requestsPerSecond: null, activeUsers: users }
    }
    return isFaulty(production, atMs) ? production : { ...production, ...cured }
  }
  const isFaulty = ({ version, ...caused }: Production, atMs: number): boolean => {
    if (caused.causedByData) return isSpoiltAt(atMs)
    if (caused.causedByFlag) return goesByFlag(version, atMs)
    return !caused.causedByRelease || runs(version, atMs)
  }
  return {
    now,
    seed,
    slowestMs,
    deployedAtMs,
    production: () => productionAt(now()),
    productionAt,
    serving,
  }
}
