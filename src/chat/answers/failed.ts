import type { View } from '../../domain/base/view.ts'
import { BY_HAND, METRICS } from '../../domain/text/product-names.ts'
import { context, section, view } from '../parts/blocks.ts'
import { mrk, oneLine } from '../text/text.ts'

/** What was to be read, and how a person looks without us. */
const READS = {
  deployments: { name: 'the deployments', byHand: BY_HAND.deployments },
  logs: { name: 'the logs', byHand: BY_HAND.logs },
  targets: { name: `the ${METRICS} targets`, byHand: BY_HAND.targets },
  backups: { name: 'the backup catalogue', byHand: BY_HAND.backups },
  readiness: { name: 'the readiness of the ways back', byHand: BY_HAND.deployments },
  metrics: { name: 'the numbers', byHand: BY_HAND.metrics },
  incidents: { name: 'the incidents', byHand: 'the incident channel, upwards' },
} as const

export type Read = keyof typeof READS

/** A quick view whose source did not answer. Says so, and never shows an empty list instead. */
export function failedView(what: Read, because: string): View {
  const { name, byHand } = READS[what]
  const happened = `Could not read ${name}: ${withoutStop(oneLine(because, 300))}.`
  return view(happened, [
    section(mrk`${happened}`),
    context(mrk`Next: try again. If it stays so, look by hand: ${byHand}.`),
  ])
}

/** What was asked for needs a part of the configuration that is not there. */
export function notConfiguredView(what: Read, missing: string): View {
  const happened = `Could not read ${READS[what].name}: ${withoutStop(oneLine(missing, 200))} is not configured.`
  return view(happened, [
    section(mrk`${happened}`),
    context(mrk`Next: look by hand: ${READS[what].byHand}.`),
  ])
}

function withoutStop(text: string): string {
  return text.replace(/\.+$/, '')
}
