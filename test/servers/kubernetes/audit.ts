import { readFile } from 'node:fs/promises'
import { z } from 'zod'

const eventSchema = z.object({
  stage: z.string(),
  verb: z.string(),
  requestURI: z.string(),
  requestReceivedTimestamp: z.string(),
  stageTimestamp: z.string(),
  user: z.object({ username: z.string().default('') }),
  objectRef: z
    .object({
      apiGroup: z.string().default(''),
      resource: z.string().default(''),
      subresource: z.string().default(''),
      namespace: z.string().default(''),
      name: z.string().default(''),
    })
    .optional(),
  responseStatus: z.object({ code: z.number() }).optional(),
})

export type AuditedCall = {
  readonly username: string
  readonly verb: string
  readonly apiGroup: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly uri: string
  readonly status: number
  /** By the clock of the API server. */
  readonly receivedAtMs: number
  readonly answeredAtMs: number
}

/**
 * Every call one user made (a service account is `system:serviceaccount:<namespace>:<name>`), in
 * order. A call is written just after its answer was sent: ask again rather than once when counting.
 */
export const callsBy = async (auditLog: string, username: string): Promise<AuditedCall[]> => {
  const whole = await readFile(auditLog, 'utf8')
  // The last piece is empty, or a line that is still being written.
  return whole
    .split('\n')
    .slice(0, -1)
    .map((line) => eventSchema.parse(JSON.parse(line)))
    .filter(({ stage, user }) => stage === 'ResponseComplete' && user.username === username)
    .map(({ verb, requestURI, objectRef, responseStatus, ...at }) => ({
      username,
      verb,
      apiGroup: objectRef?.apiGroup ?? '',
      resource: objectRef?.resource ?? '',
      subresource: objectRef?.subresource ?? '',
      namespace: objectRef?.namespace ?? '',
      name: objectRef?.name ?? '',
      uri: requestURI,
      status: responseStatus?.code ?? 0,
      receivedAtMs: Date.parse(at.requestReceivedTimestamp),
      answeredAtMs: Date.parse(at.stageTimestamp),
    }))
}
