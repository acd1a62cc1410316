import { Fault } from '../../domain/base/fault.ts'
import type { FlagValue } from '../../domain/plan/flag-value.ts'
import type { Endpoints } from '../../ports/endpoints.ts'
import type { FlagStore, FlagWritten, StoredFlag } from '../../ports/flag-stores.ts'
import { answerFault, DEPENDENCY, inItsWords, readAs, unleashAt } from './ask.ts'
import { lastChangeOf } from './last-change.ts'
import { mayDo } from './rights.ts'
import { ChangeRequests, ClientFeatures, Feature, Rights } from './schema.ts'
import { areAllDisabled, cautionsOf } from './words.ts'

export type UnleashFlagOptions = {
  readonly url: string
  /** Of the admin API. */
  readonly token: string
  /** Of the client API, where what services are told is read too; `null`: it is not read. */
  readonly clientToken: string | null
  readonly feature: string
  readonly project: string
  readonly environment: string
  readonly endpoints: Endpoints
}

type Seen = StoredFlag & {
  /** What the admin API says, however long services are told otherwise. */
  readonly kept: 'on' | 'off'
}

const onOrOff = (enabled: boolean): 'on' | 'off' => (enabled ? 'on' : 'off')

/**
 * A flag of Unleash in one environment. Its API knows no condition for a write, so what stands there is read right
 * before it. https://docs.getunleash.io/api
 */
export function unleashFlag(options: UnleashFlagOptions): FlagStore {
  const { token, clientToken, feature, project, environment } = options
  const unleash = unleashAt(options.url, options.endpoints)
  const ofProject = `/api/admin/projects/${encodeURIComponent(project)}`
  const ofFeature = `${ofProject}/features/${encodeURIComponent(feature)}`

  async function flag(signal: AbortSignal): Promise<Feature> {
    const answer = await unleash.get(ofFeature, { token, signal })
    if (answer.status === 404) {
      const detail = `there is no flag ${feature} in its project ${project}, or it is archived${inItsWords(answer)}`
      throw new Fault({ kind: 'terminal', dependency: DEPENDENCY, detail, code: '404' })
    }
    return readAs(Feature, answer)
  }

  /** Why the token may not switch it by itself; `null`: nothing is known that stands in the way. */
  async function requested(signal: AbortSignal): Promise<string | null> {
    const answer = await unleash.get(`${ofProject}/change-requests/config`, { token, signal })
    // Only its Enterprise edition has them, and not everybody may ask. A write is told in any case.
    if (answer.status === 404 || answer.status === 403) return null
    const isOn = readAs(ChangeRequests, answer).some(
      (one) => one.environment === environment && one.changeRequestEnabled,
    )
    if (!isOn) return null
    const rights = readAs(Rights, await unleash.get('/api/admin/user', { token, signal }))
    if (mayDo(rights, 'SKIP_CHANGE_REQUEST', { project, environment })) return null
    return `${environment} takes change requests only, and UNLEASH_TOKEN may not skip them`
  }

  /** What services are told; `null`: it is not known, for the reason. */
  async function told(
    signal: AbortSignal,
  ): Promise<{ readonly value: 'on' | 'off' | null; readonly caution: string | null }> {
    if (clientToken === null) return { value: null, caution: null }
    const path = `/api/client/features?namePrefix=${encodeURIComponent(feature)}`
    const answer = await unleash.get(path, { token: clientToken, signal })
    const { features, query } = readAs(ClientFeatures, answer, 'UNLEASH_CLIENT_TOKEN')
    const where = query?.environment ?? environment
    const found = where === environment ? features.find(({ name }) => name === feature) : undefined
    if (found) return { value: onOrOff(found.enabled), caution: null }
    const why =
      where === environment ? `does not show ${feature}` : `is for ${where}, not ${environment}`
    return {
      value: null,
      caution: `UNLEASH_CLIENT_TOKEN ${why}: what services are told is not read.`,
    }
  }

  async function look(wanted: FlagValue, signal: AbortSignal): Promise<Seen> {
    const [found, byRequest, services] = await Promise.all([
      flag(signal),
      requested(signal),
      told(signal),
    ])
    const here = found.environments.find(({ name }) => name === environment)
    if (!here) {
      const names = found.environments.map(({ name }) => name).join(', ')
      const detail = `${feature} is in no environment ${environment}; it is in: ${names || 'none'}`
      throw new Fault({ kind: 'terminal', dependency: DEPENDENCY, detail, code: '404' })
    }
    const kept = onOrOff(here.enabled)
    const wouldAdd = wanted === 'on' && kept === 'off' && areAllDisabled(here.strategies)
    return {
      identity: `${project}/${feature}/${found.createdAt}`,
      kept,
      // After a write services are told the old value for a moment.
      value: kept === wanted ? (services.value ?? kept) : kept,
      holders: [],
      obstacle: wouldAdd
        ? `all its strategies in ${environment} are disabled, and Unleash would add one that is on for everybody`
        : byRequest,
      cautions: [
        ...cautionsOf(found, here, wanted),
        ...(services.caution === null ? [] : [services.caution]),
      ],
    }
  }

  async function send(to: 'on' | 'off', signal: AbortSignal): Promise<FlagWritten> {
    const path = `${ofFeature}/environments/${encodeURIComponent(environment)}/${to}`
    const answer = await unleash.post(path, { token, signal })
    const { status, contentType } = answer
    if (status >= 200 && status < 300 && !contentType.includes('html')) return { kind: 'written' }
    if ([400, 403, 404, 409].includes(status)) {
      const because = `Unleash answered HTTP ${status}${inItsWords(answer)}`
      return { kind: 'refused', because: status === 403 ? `${because}${HINT}` : because }
    }
    const fault = answerFault(answer, 'UNLEASH_TOKEN')
    // It was taken, by whoever answered: it may have been carried out.
    const isKnown = status === 429 || status === 503 || (status >= 300 && status < 500)
    if (isKnown) throw fault
    const { detail, code } = fault
    throw new Fault({ kind: 'unknown-outcome', dependency: DEPENDENCY, detail, code })
  }

  return {
    async look(wanted, signal) {
      const where = { feature, project, environment }
      const [{ kept: _, ...seen }, lastChange] = await Promise.all([
        look(wanted, signal),
        lastChangeOf(unleash, where, { token, signal }),
      ])
      return { ...seen, ...(lastChange ? { lastChange } : {}) }
    },
    async write({ identity, from, to }, { signal }) {
      if (to !== 'on' && to !== 'off') {
        return { kind: 'refused', because: 'a flag of Unleash is on or off' }
      }
      const seen = await look(to, signal)
      if (seen.identity !== identity || seen.value !== from) return { kind: 'changed-meanwhile' }
      if (seen.obstacle !== null) return { kind: 'refused', because: seen.obstacle }
      // Services have not heard of it yet.
      if (seen.kept === to) return { kind: 'written' }
      return send(to, signal)
    },
  }
}

const HINT = ' (where it takes change requests, the token has to be allowed to skip them)'
