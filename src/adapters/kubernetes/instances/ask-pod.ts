import { beginningOf } from '../../../domain/base/beginning-of.ts'
import { Fault } from '../../../domain/base/fault.ts'
import { jsonOf } from '../../../domain/base/json-of.ts'
import type { EndpointAnswer } from '../../../ports/endpoints.ts'
import type { KubernetesClient } from '../client/client.ts'
import { toFault } from '../client/faults.ts'
import { OwnStatus } from '../read/schema.ts'
import { shortLine } from '../read/short-line.ts'

const MOST_BYTES = 64 * 1024

type Where = {
  /** Where the pods of the namespace are. */
  readonly pods: string
  readonly namespace: string
  readonly pod: string
}

type Question = { readonly port: number; readonly path: string; readonly signal: AbortSignal }

/** One pod itself, through the API server: it reaches every pod, wherever this runs. No redirect is followed. */
export async function askPod(
  client: KubernetesClient,
  { pods, ...where }: Where,
  { port, path, signal }: Question,
): Promise<EndpointAnswer> {
  const to = `${pods}/${encodeURIComponent(where.pod)}:${port}/proxy${pathBelow(path)}`
  await using answer = await client.answer(to, { signal })
  const { status, headers } = answer
  const { body, truncated } = await beginningOf(answer.chunks, MOST_BYTES)
  const own = status >= 400 ? ownWordsOf(status, body) : null
  const retryAfter = headers.get('retry-after')
  if (own) throw faultOf(own, { ...where, port, retryAfter, body })
  return {
    status,
    body,
    contentType: headers.get('content-type')?.split(';')[0]?.trim() ?? '',
    truncated,
    ...(retryAfter === null ? {} : { retryAfter }),
  }
}

/** A path with `..` in it would leave the pod, and be another question for the API server. */
function pathBelow(path: string): string {
  const { pathname, search } = new URL(path, 'http://pod.invalid')
  return `${pathname}${search}`
}

/** What the API server says itself, in its own form; `null`: the pod has said it. */
function ownWordsOf(status: number, body: string): OwnStatus | null {
  const { data } = OwnStatus.safeParse(jsonOf(body))
  return data?.code === status ? data : null
}

function faultOf(
  { code, reason, message }: OwnStatus,
  {
    namespace,
    pod,
    port,
    retryAfter,
    body,
  }: Omit<Where, 'pods'> & {
    readonly port: number
    readonly retryAfter: string | null
    readonly body: string
  },
): Fault {
  const told = (kind: Fault['kind'], detail: string): Fault =>
    new Fault({ kind, dependency: 'kubernetes', detail, code: String(code) })
  if (code === 403) {
    const right = `the right to get pods/proxy in namespace ${namespace}`
    return told('terminal', `pods cannot be asked one by one: the account lacks ${right}`)
  }
  // It has ended since it was listed: the next look does not show it any more.
  if (code === 404) return told('retryable', `there is no pod ${pod} any more`)
  const [, why] = /^error trying to reach service: (.*)$/s.exec(message) ?? []
  if (why !== undefined) {
    return told('retryable', `pod ${pod} does not answer at port ${port}: ${shortLine(why)}`)
  }
  // It is there and was not given an address yet.
  if (reason === 'BadRequest' && message.includes('address not allowed')) {
    return told('retryable', `pod ${pod} has no address yet`)
  }
  return toFault({ kind: 'answer', status: code, body, retryAfter }, '')
}
