import type { FlagValue } from '../../domain/plan/flag-value.ts'
import { jsonOf } from '../../domain/base/json-of.ts'
import { Fault } from '../../domain/base/fault.ts'
import { atPath } from '../../domain/verification/json-path.ts'
import type { EndpointAnswer } from '../../ports/endpoints.ts'
import type { Instance } from '../../ports/instances.ts'
import type { World } from '../../ports/world.ts'
import { instancesOf } from '../parts/require-port.ts'

/** Where every instance tells by which value it goes. */
export type Page = {
  readonly service: string
  /** At the service's own address, where one of them answers. */
  readonly url: string
  readonly path: string
  readonly value: string
  readonly instance: string
  readonly port: number | null
}

/** What one of them said; `problem`: nothing that could be used. */
export type Reading = { readonly instance: Instance } & (
  | { readonly kind: 'read'; readonly value: FlagValue }
  | { readonly kind: 'problem'; readonly because: string }
)

/** Of one address it is asked so often for each of them, so that all come to answer. */
const TIMES_EACH = 4
const MOST_QUESTIONS = 60
const AT_A_TIME = 6

/** Of each that the platform knows and that does not end: who did not tell is a problem, never left out (J10). */
export async function readingsOf(
  page: Page,
  world: World,
  signal: AbortSignal,
): Promise<readonly Reading[]> {
  const all = await instancesOf(world).list(page.service, signal)
  const instances = all.filter(({ ending }) => !ending)
  if (page.port === null) return heardAtOneAddress(page, instances, world, signal)
  const { port } = page
  const readings = await Promise.all(
    instances.map(async (instance): Promise<Reading | null> => {
      try {
        const question = { port, path: page.path, signal }
        const answer = await instancesOf(world).ask(page.service, instance.id, question)
        return answer && { instance, ...toldBy(page, answer) }
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        return { instance, kind: 'problem', because: error.detail }
      }
    }),
  )
  const alone = readings.filter((one) => one !== null)
  // There is no way from here to one of them alone.
  return alone.length < readings.length ? heardAtOneAddress(page, instances, world, signal) : alone
}

/** Whoever answers says who it is; asked until every one has, or often enough. */
async function heardAtOneAddress(
  page: Page,
  instances: readonly Instance[],
  { endpoints }: World,
  signal: AbortSignal,
): Promise<readonly Reading[]> {
  const heard = new Map<Instance, Reading>()
  let trouble = 'it has not answered'
  const most = Math.min(MOST_QUESTIONS, instances.length * TIMES_EACH)
  for (let asked = 0; asked < most && heard.size < instances.length; asked += AT_A_TIME) {
    const questions = Array.from({ length: Math.min(AT_A_TIME, most - asked) }, async () => {
      try {
        const answer = await endpoints.ask({ url: page.url, signal })
        const who = instances.find((one) => isCalled(one, textAt(answer, page.instance) ?? null))
        if (who) heard.set(who, { instance: who, ...toldBy(page, answer) })
        else trouble = 'whoever answered is none of them'
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        trouble = error.detail
      }
    })
    // oxlint-disable-next-line no-await-in-loop -- asked again only for those who have not answered
    await Promise.all(questions)
  }
  return instances.map(
    (instance) => heard.get(instance) ?? { instance, kind: 'problem', because: trouble },
  )
}

function isCalled({ id, alsoCalled }: Instance, name: string | null): boolean {
  return name !== null && (id === name || alsoCalled.includes(name))
}

function toldBy(page: Page, answer: EndpointAnswer) {
  if (answer.status >= 300) {
    return { kind: 'problem', because: `HTTP ${answer.status}` } as const
  }
  const value = textAt(answer, page.value)
  if (value === undefined) {
    return { kind: 'problem', because: `its page has no ${page.value}` } as const
  }
  return { kind: 'read', value } as const
}

/** A text, a number, yes or no, or that nothing is set; `undefined`: nothing that a flag says. */
function textAt({ body, truncated }: EndpointAnswer, path: string): FlagValue | undefined {
  const root = truncated ? undefined : jsonOf(body)
  const at = root === undefined ? null : atPath(root, path)
  if (at?.kind !== 'found') return undefined
  const { value } = at
  if (value === null) return null
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined
}
