/** What is drawn of an incident, each on its own scale. */
export const PANELS = ['errors', 'latency', 'users'] as const
export type PanelId = (typeof PANELS)[number]

/** Why there is no number at a moment (J10): nothing was counted, or too little came in for a ratio. */
export type Gap = 'no-data' | 'no-traffic'

/** Errors in percent, latency in seconds, users as people. */
export type Panel = {
  readonly id: PanelId
  /** At each step of the window. */
  readonly values: readonly (number | Gap)[]
  /** What is to be known of it: its query was not answered, or the answer is incomplete. */
  readonly remark: string | null
}

/** The time that is drawn: from the first step to the last one, both included. */
export type Window = {
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
}

/** What a service ran, as the journal tells; `null`: not known. */
export type VersionSpan = {
  readonly fromMs: number
  readonly toMs: number
  readonly version: string | null
}

/** Services that ran the same all the time. */
export type VersionLane = {
  readonly services: readonly string[]
  readonly spans: readonly VersionSpan[]
}

export type Chart = {
  readonly window: Window
  readonly panels: readonly Panel[]
  readonly lanes: readonly VersionLane[]
  readonly marks: readonly Mark[]
  /** So many more there were. */
  readonly marksLeftOut: number
}

/** A moment of the incident. */
export type Mark = {
  readonly atMs: number
  readonly kind:
    | 'detected'
    | 'signed'
    /** What a plan was for was carried out, or was not. */
    | 'rolled-back'
    | 'done'
    | 'undone'
    | 'failed'
    | 'stable'
    | 'relapse'
    | 'blind'
    | 'closed'
    | 'reopened'
}

export function isNumber(value: number | Gap | undefined): value is number {
  return typeof value === 'number'
}

/** How many moments a window has. */
export function stepsIn({ fromMs, toMs, stepMs }: Window): number {
  return Math.floor((toMs - fromMs) / stepMs) + 1
}

/** The newest number of a panel and when it was. */
export function newest(
  { values }: Panel,
  { fromMs, stepMs }: Window,
): { readonly value: number; readonly atMs: number } | null {
  const index = values.findLastIndex(isNumber)
  const value = values[index]
  return isNumber(value) ? { value, atMs: fromMs + index * stepMs } : null
}

/** The same where it is of now: what was measured before a gap says nothing of what is behind it. */
export function newestNow(panel: Panel, window: Window): ReturnType<typeof newest> {
  const found = newest(panel, window)
  return found && found.atMs >= window.toMs - window.stepMs ? found : null
}

/** The times in which production was not well, by the moments: from a bad one to the next good one. */
export function badTimes({
  marks,
  window,
}: Pick<Chart, 'marks' | 'window'>): readonly { readonly fromMs: number; readonly toMs: number }[] {
  const found: { fromMs: number; toMs: number }[] = []
  let since: number | null = null
  for (const { kind, atMs } of marks) {
    if (kind === 'detected' || kind === 'relapse' || kind === 'reopened') since ??= atMs
    if ((kind === 'stable' || kind === 'closed') && since !== null) {
      found.push({ fromMs: since, toMs: atMs })
      since = null
    }
  }
  return since === null ? found : [...found, { fromMs: since, toMs: window.toMs }]
}

/** A run of moments without a number, both ends included. */
export type GapSpan = { readonly from: number; readonly to: number; readonly why: Gap }

export function gapsOf({ values }: Panel): readonly GapSpan[] {
  const found: GapSpan[] = []
  values.forEach((value, index) => {
    if (isNumber(value)) return
    const last = found.at(-1)
    if (last?.to === index - 1 && last.why === value) found.splice(-1, 1, { ...last, to: index })
    else found.push({ from: index, to: index, why: value })
  })
  return found
}
