import { registryOf } from '../read/image-names.ts'
import type { Credentials } from './registry-credentials.ts'

/** A registry that wants to know who asks says so in many ways. */
const WANTS_LOGIN =
  /unauthorized|authentication required|no basic auth|access denied|denied:|forbidden|incorrect username/i

export function wantsLogin(said: string): boolean {
  return WANTS_LOGIN.test(said)
}

/** What became of the credentials, so that nobody looks for an image where a password is missing. */
export function whyNoLogin(reference: string, credentials: Credentials): string {
  const registry = registryOf(reference)
  switch (credentials.kind) {
    case 'found':
      return `The credentials of the entry ${credentials.entry} were sent: ${registry} does not take them (expired?)`
    case 'with-helper':
      return `The credentials for ${registry} are with the credential helper ${credentials.helper}, which this bot does not run: it needs them in an entry of auths`
    case 'none':
      return `There are no credentials for ${registry}`
    default:
      return credentials satisfies never
  }
}
