import { toMs } from '../base/instant.ts'
import type { Incident } from '../incident/incident.ts'
import { milestones } from '../incident/milestones.ts'
import type { Window } from './chart.ts'

const HOUR_MS = 60 * 60_000

/** What was normal is seen before what went wrong. */
const BEFORE_MS = HOUR_MS

/** More would be drawn on the same pixels. */
const MOST_STEPS = 400

/** As people read time; the last one is enough for more than a year. */
const STEP_SECONDS = [15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 86_400] as const

/** From an hour before the incident until now, or until its end; `null`: it has not begun. */
export function chartWindow(incident: Incident, nowMs: number): Window | null {
  const { detected, closed } = milestones(incident)
  if (detected === null) return null
  const endMs = Math.max(toMs(detected), closed === null ? nowMs : toMs(closed))
  const lengthMs = endMs - toMs(detected) + BEFORE_MS
  const seconds = STEP_SECONDS.find((one) => lengthMs / (1_000 * one) < MOST_STEPS - 1)
  const stepMs = 1_000 * (seconds ?? Math.ceil(lengthMs / (MOST_STEPS - 1) / 1_000))
  const toEndMs = Math.floor(endMs / stepMs) * stepMs
  const steps = Math.ceil((toEndMs - toMs(detected) + BEFORE_MS) / stepMs)
  return { fromMs: toEndMs - steps * stepMs, toMs: toEndMs, stepMs }
}
