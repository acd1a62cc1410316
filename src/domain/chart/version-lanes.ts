import { toMs } from '../base/instant.ts'
import type { Incident } from '../incident/incident.ts'
import { hasDone, mayHaveWritten, type Run } from '../plan/run.ts'
import { isSameVersion } from '../workload/service-pages.ts'
import { ownVersion } from '../workload/versions.ts'
import type { VersionLane, VersionSpan, Window } from './chart.ts'

/** From then on a service ran this; `null`: from then on it is not known what. */
type Change = { readonly atMs: number; readonly version: string | null }

/** Before anything that the journal knows. */
const BEGINNING = -Infinity

/** What each service ran when, as far as assessments, plans and the watch tell. */
export function versionLanes(incident: Incident, window: Window): readonly VersionLane[] {
  const lanes = new Map<string, VersionLane>()
  for (const service of servicesIn(incident)) {
    const spans = spansOf(changesOf(incident, service), window)
    if (spans.every(({ version }) => version === null)) continue
    const same = JSON.stringify(spans)
    const services = [...(lanes.get(same)?.services ?? []), service]
    lanes.set(same, { services, spans })
  }
  return [...lanes.values()]
}

function servicesIn({ timeline, plans }: Incident): readonly string[] {
  const changed = plans.flatMap(({ plan, run }) =>
    plan && run ? plan.changes.filter(({ images }) => images).map(({ what }) => what) : [],
  )
  const assessed = timeline.flatMap(({ event }) =>
    event.type === 'assessment-taken'
      ? (event.assessment.changes ?? []).map(({ service }) => service)
      : [],
  )
  return [...new Set([...changed, ...assessed])]
}

function changesOf(incident: Incident, service: string): readonly Change[] {
  return [
    ...changesAssessed(incident, service),
    ...incident.plans.flatMap(({ plan, run }) => {
      const change = plan?.changes.find(({ what, images }) => what === service && images)
      return change && run ? changesByRun(run, change) : []
    }),
    ...seenByWatch(incident, service),
  ].toSorted((a, b) => a.atMs - b.atMs)
}

/** Of what ran before, only the first assessment speaks of the time before the incident. */
function changesAssessed({ timeline }: Incident, service: string): readonly Change[] {
  return timeline
    .flatMap(({ at, event }) => {
      if (event.type !== 'assessment-taken') return []
      const change = event.assessment.changes?.find((one) => one.service === service)
      return change ? [{ at, change }] : []
    })
    .flatMap(({ at, change: { images, imagesBefore, kind, since, versionSince } }, index) => {
      const came = kind === 'version' ? since : versionSince
      const here = { atMs: toMs(came?.time ?? at), version: ownVersion({ images }) }
      if (index > 0 || !came?.exact || !imagesBefore) return [here]
      return [{ atMs: BEGINNING, version: ownVersion({ images: imagesBefore }) }, here]
    })
}

/** A run that came to no end may have left either. */
function changesByRun(
  run: Run,
  { from, to }: { readonly from: string; readonly to: string },
): readonly Change[] {
  const until = { atMs: toMs(run.startedAt), version: from }
  if (!run.ended) return mayHaveWritten(run) ? [until, { ...until, version: null }] : [until]
  const atMs = toMs(run.ended.at)
  if (hasDone(run)) return [until, { atMs, version: to }]
  return mayHaveWritten(run) ? [until, { atMs, version: null }] : [until]
}

function seenByWatch({ watch }: Incident, service: string): readonly Change[] {
  if (!watch?.last || watch.lookedAt === null) return []
  const version = watch.last.lines.find((line) => line.target === service && line.version !== null)
  return version ? [{ atMs: toMs(watch.lookedAt), version: version.version }] : []
}

function spansOf(
  changes: readonly Change[],
  { fromMs, toMs: endMs }: Window,
): readonly VersionSpan[] {
  const spans: VersionSpan[] = []
  const cuts = [{ atMs: BEGINNING, version: null }, ...changes]
  cuts.forEach(({ atMs, version }, index) => {
    const from = Math.max(fromMs, atMs)
    const to = Math.min(endMs, cuts[index + 1]?.atMs ?? endMs)
    if (to <= from) return
    const last = spans.at(-1)
    if (last && isSame(last.version, version)) spans.splice(-1, 1, { ...last, toMs: to })
    else spans.push({ fromMs: from, toMs: to, version })
  })
  return spans
}

/** A version page may call it otherwise than the image: "1.9.0" and "v1.9.0". */
function isSame(one: string | null, other: string | null): boolean {
  return one === other || (one !== null && other !== null && isSameVersion(one, other))
}
