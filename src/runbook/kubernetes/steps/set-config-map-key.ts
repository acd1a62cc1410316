import { flagInWords } from '../../../domain/plan/flag-value.ts'
import type { PlannedStep } from '../../../domain/plan/plan.ts'
import { defineStep, type StepContext } from '../../../engine/run/step.ts'
import type { ConfigMapKey } from '../../../ports/config-maps.ts'
import type { Sighting } from '../../../ports/deployment-state.ts'
import type { WorkloadWrite } from '../../../ports/deployments.ts'
import { cautionsBackOf } from '../../parts/cautions.ts'
import { configMapsOf, deploymentsOf } from '../../parts/require-port.ts'
import { KeyChange, standingOf } from '../key-change.ts'
import { withinMs } from '../pace.ts'
import { rolledOut } from '../rolled-out.ts'
import { undoCautions } from '../undo-cautions.ts'
import { rehearseAll, writeAll } from '../write-all.ts'

/**
 * A key of a ConfigMap gets another value, and every pod that reads it is replaced by one that has read it anew. In
 * this order: a Deployment with the mark of the run was restarted after the key was written.
 */
export const setConfigMapKey = defineStep({
  id: 'set-config-map-key',
  input: KeyChange,
  deadlineMs: ({ withinMinutes }) => withinMs(withinMinutes),
  onAbort: 'finish',

  subject: placeOf,

  title: (input) => {
    const { key, configMap, to, services } = input
    const change =
      to === null
        ? `Take ${key} away from ConfigMap ${configMap}`
        : `Set ${placeOf(input)} to ${flagInWords(to)}`
    return `${change}, and restart ${services.map(({ service }) => service).join(' and ')}`
  },

  changes: (input) => [
    { what: placeOf(input), from: flagInWords(input.from), to: flagInWords(input.to) },
  ],

  async inspect(context, input) {
    return standingOf(input, await seenNow(context, input), markOf(context, input))
  },

  async apply(context, input, { map, begun, left }) {
    const { world, cause, signal, sendBeforeMs } = context
    const key = markOf(context, input)
    if (map) {
      const write = { seen: map, to: input.to }
      const options = { key, cause, dryRun: false, signal, sendBeforeMs }
      const said = await configMapsOf(world).write(write, options)
      if (said.kind === 'refused') return { kind: 'refused', applied: 'no', says: said.because }
      if (said.kind !== 'written') return { kind: 'look-again' }
    }
    const restarted = await writeAll({ ...context, key }, left.map(restartOf))
    const wrote = map !== null || begun
    return restarted.kind === 'refused' && wrote ? { ...restarted, applied: 'yes' } : restarted
  },

  async rehearse(context, input, { map, left }) {
    const { world, key, cause, signal } = context
    const [written, restarted] = await Promise.all([
      map &&
        configMapsOf(world).write(
          { seen: map, to: input.to },
          { key, cause, dryRun: true, signal },
        ),
      rehearseAll(context, left.map(restartOf)),
    ])
    if (written?.kind === 'refused') return { kind: 'refused', says: written.because }
    if (restarted.kind !== 'accepted' || !written || written.kind === 'written') return restarted
    const says =
      written.kind === 'changed-meanwhile' ? 'it changed while it was asked' : written.because
    return { kind: 'not-known', says }
  },

  async verify(context, input) {
    const { to, services } = input
    const [rollout, { map }] = await Promise.all([
      // Where nothing runs, nothing goes by the old value.
      rolledOut(
        context,
        services.map(({ service, uid }) => {
          return { service, uid, templateHash: null, mayBeEmpty: true }
        }),
      ),
      seenNow(context, input),
    ])
    if (rollout.kind === 'failed') return rollout
    if (map?.uid !== input.uid || map.value !== to) {
      const stands = map ? `is ${flagInWords(map.value)}` : 'is gone'
      return { kind: 'failed', says: `${placeOf(input)} ${stands}: somebody changed it meanwhile` }
    }
    if (rollout.kind !== 'verified') return rollout
    return { kind: 'verified', says: `${rollout.says}; ${placeOf(input)} is ${flagInWords(to)}` }
  },

  async adviseUndo(context, { configMap, key, services }, undo) {
    const { world, signal } = context
    const names = services.map(({ service }) => service)
    const [map, cautions] = await Promise.all([
      configMapsOf(world).find(configMap, key, signal),
      undoCautions('replaced', names, context, undo),
    ])
    const named = { service: `ConfigMap ${configMap}`, managedBy: map?.managedBy ?? [] }
    return { problem: null, cautions: [...cautions, ...cautionsBackOf(named, undo.plan)] }
  },

  onUndo: { kind: 'invert', input: ({ from, to, ...rest }) => ({ ...rest, from: to, to: from }) },
})

function placeOf({ key, configMap }: Pick<KeyChange, 'key' | 'configMap'>): string {
  return `${key} of ConfigMap ${configMap}`
}

/** Several keys may be set by one plan, and read by one Deployment: each write is told apart. */
function markOf({ key }: StepContext, { configMap, key: of }: KeyChange): string {
  return `${key}/${configMap}/${of}`
}

function restartOf(seen: Sighting): WorkloadWrite {
  return { seen, change: { kind: 'restart' } }
}

async function seenNow(
  { world, signal }: StepContext,
  { configMap, key, services }: KeyChange,
): Promise<{ readonly map: ConfigMapKey | null; readonly releases: readonly Sighting[] }> {
  const names = services.map(({ service }) => service)
  const [map, releases] = await Promise.all([
    configMapsOf(world).find(configMap, key, signal),
    deploymentsOf(world).sightings(names, signal),
  ])
  return { map, releases }
}

/** What a planned step restarts, if it is of this kind. */
export function restartedBy({ id, input }: PlannedStep): KeyChange['services'] {
  return id === setConfigMapKey.id ? KeyChange.parse(input).services : []
}
