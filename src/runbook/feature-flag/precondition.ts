import { z } from 'zod'
import { pageOf } from '../../domain/base/service-url.ts'
import { inDigits } from '../../domain/text/amounts.ts'
import { contentFit } from '../../domain/verification/expected-answer.ts'
import { isHealthy } from '../../domain/workload/service-pages.ts'
import type { World } from '../../ports/world.ts'
import { Precondition } from '../parts/flag-settings.ts'
import { databaseOf } from '../parts/require-port.ts'
import type { RunbookSettings } from '../parts/settings.ts'

const { count, http } = Precondition.shape

/** What has to be so before the flag is switched, as it stands in a step's input. */
export const Condition = z.object({
  protects: z.string(),
  asks: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('count'), ...count.unwrap().shape }),
    z.object({ kind: z.literal('http'), url: z.string(), expect: http.unwrap().shape.expect }),
  ]),
})
export type Condition = z.infer<typeof Condition>

export type Held = { readonly holds: boolean; readonly says: string }

/** As a step can ask for it; `null`: there is none, or people give their word for it. */
export function conditionOf(
  precondition: Precondition | null,
  { services }: Pick<RunbookSettings, 'services'>,
): Condition | null {
  if (!precondition) return null
  const { protects } = precondition
  if (precondition.count) return { protects, asks: { kind: 'count', ...precondition.count } }
  if (!precondition.http) return null
  const { expect, ...page } = precondition.http
  return { protects, asks: { kind: 'http', url: pageOf(services, page), expect } }
}

/** Throws a `Fault` where it could not be asked: what is not known does not hold. */
export function whetherItHolds(
  { protects, asks }: Condition,
  world: World,
  signal: AbortSignal,
): Promise<Held> {
  return asks.kind === 'count'
    ? counted(protects, asks, world, signal)
    : answered(protects, asks, world, signal)
}

type Asks<Kind extends Condition['asks']['kind']> = Extract<Condition['asks'], { kind: Kind }>

async function counted(
  protects: string,
  { atMost, of, ...which }: Asks<'count'>,
  world: World,
  signal: AbortSignal,
): Promise<Held> {
  const found = await databaseOf(world).count(which, signal)
  const says = `${inDigits(found)} ${of}`
  if (found <= atMost) return { holds: true, says }
  return {
    holds: false,
    says: `${protects}: ${says}${atMost > 0 ? `, at most ${atMost} may` : ''}`,
  }
}

async function answered(
  protects: string,
  { url, expect }: Asks<'http'>,
  { endpoints }: World,
  signal: AbortSignal,
): Promise<Held> {
  const answer = await endpoints.ask({ url, signal })
  const page = new URL(url).pathname
  if (!isHealthy(answer.status, expect.status)) {
    return { holds: false, says: `${protects}: ${page} answers HTTP ${answer.status}` }
  }
  const fit = contentFit(answer, expect)
  if (fit.kind === 'fits') return { holds: true, says: `${page} answers as it should` }
  const why = fit.kind === 'too-long' ? 'its answer is too long to be read' : fit.seen
  return { holds: false, says: `${protects}: ${page}: ${why}` }
}
