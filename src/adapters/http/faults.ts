import { Fault } from '../../domain/base/fault.ts'
import { codeOf, networkTrouble, type NetworkTrouble } from '../../domain/base/network-trouble.ts'

const invalid = new Set(['ERR_INVALID_URL', 'UND_ERR_INVALID_ARG'])

function troubleOf(code: string | null): NetworkTrouble {
  if (code === null) return { kind: 'retryable', words: 'the request failed' }
  if (invalid.has(code)) return { kind: 'terminal', words: 'not an http or https address' }
  if (code.startsWith('HPE_')) return { kind: 'retryable', words: 'the answer was not HTTP' }
  const trouble = networkTrouble(code)
  if (trouble === null) return { kind: 'retryable', words: `the request failed (${code})` }
  return trouble.words.startsWith('no TLS')
    ? { ...trouble, words: `${trouble.words} (is it http, not https?)` }
    : trouble
}

/**
 * Questions are reads: whatever happened, nothing was carried out, so no outcome is unknown.
 * `where` is the host and port, never the whole address: that may hold a secret.
 */
export function httpFault(
  error: unknown,
  context: { dependency: string; where: string; aborted: boolean },
): Fault {
  const code = context.aborted ? 'ETIMEDOUT' : codeOf(error)
  const { kind, words } = troubleOf(code)
  const at = context.where === '' ? '' : ` at ${context.where}`
  const { dependency } = context
  const reported = words === 'did not answer in time' ? 'ETIMEDOUT' : code
  // The error of an address that cannot be parsed repeats it, with any password in it.
  const cause = code === 'ERR_INVALID_URL' ? undefined : error
  return new Fault({ kind, dependency, detail: `${words}${at}`, code: reported, cause })
}
