import { COMPOSE } from './membership.ts'
import { PROMISED } from './like-networks.ts'
import { isEmpty, isFields } from './sameness.ts'
import type { Labels } from './schema.ts'

/** A kept one carries so what would make compose take it for its own. */
const KEPT = 'backout.kept/'

/** What may stand on a container that Backout makes. Nothing that begins like them may be anything else. */
const OURS: Readonly<Record<string, RegExp>> = {
  'backout.role': /^(serving|kept)$/,
  'backout.mark': /^[\x20-\x7e]{1,300}$/,
  'backout.service': /^.{1,200}$/,
  'backout.image': /^[\x21-\x7e]{1,500}$/,
  // What it promises is judged beside the networks that are asked for at once.
  [PROMISED]: /^\{.{0,20000}\}$/s,
  'backout.sha256': /^[0-9a-f]{64}$/,
  'backout.restart-policy': /^(no|always|unless-stopped|on-failure(:\d{1,6})?)$/,
}
const NEEDED = ['backout.role', 'backout.mark', 'backout.service']

/** Labels that are neither ours nor those of the container that it is to be like. */
export function labelDifferences(asked: unknown, own: Labels, ofImage: unknown): readonly string[] {
  const optional = isFields(ofImage) ? ofImage : {}
  if (!isFields(asked)) return ['Labels']
  const labels = new Map(Object.entries(asked))
  const wanted = othersLabels(asked)
  const had = othersLabels(own)
  const wrong = [
    ...NEEDED.filter((name) => !labels.has(name)),
    ...[...labels].filter(([name, value]) => !isRight(name, value, asked)).map(([name]) => name),
    ...[...wanted].filter(([name, value]) => had.get(name) !== value).map(([name]) => name),
    ...[...had]
      .filter(([name, value]) => !wanted.has(name) && optional[name] !== value)
      .map(([name]) => name),
  ]
  return [...new Set(wrong)].map((name) => `Labels.${name.slice(0, 100)}`)
}

function isRight(name: string, value: unknown, all: Readonly<Record<string, unknown>>): boolean {
  if (typeof value !== 'string') return false
  const isKept = all['backout.role'] === 'kept'
  // On a kept one they are only there to make those of its image harmless.
  if (isKept && name.startsWith(COMPOSE)) return isEmpty(value)
  if (name.startsWith(KEPT)) return isKept && name.startsWith(KEPT + COMPOSE)
  if (!/^backout\./i.test(name)) return true
  return Object.hasOwn(OURS, name) && (OURS[name]?.test(value) ?? false)
}

/** As they were before Backout wrote on it. */
function othersLabels(labels: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> {
  const isKept = labels['backout.role'] === 'kept'
  return new Map(
    Object.entries(labels).flatMap(([name, value]): [string, unknown][] => {
      if (name.startsWith(KEPT)) return isKept ? [[name.slice(KEPT.length), value]] : []
      if (name.startsWith('backout.')) return []
      return isKept && name.startsWith(COMPOSE) ? [] : [[name, value]]
    }),
  )
}
