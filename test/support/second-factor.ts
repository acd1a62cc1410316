import { generateSync } from 'otplib'
import { openSecondFactorFile } from '../../src/adapters/second-factor/file.ts'
import { openSecondFactor } from '../../src/adapters/second-factor/store.ts'
import { secondFactorFile } from '../../src/config/journal-place.ts'
import { WAITS_MS } from '../../src/domain/second-factor/enrolment.ts'
import type {
  SecondFactor,
  SecondFactorPlace,
  SigningStore,
} from '../../src/ports/second-factor.ts'

export const SIGNING_KEY = 'a key of more than thirty-two characters, for tests'

/** What switches the page on, at this port; people come to it through a proxy on this machine. */
export const signingOn = (port: number) => ({
  BACKOUT_SIGNING_KEY: SIGNING_KEY,
  BACKOUT_SIGNING_URL: `https://127.0.0.1:${port}`,
  BACKOUT_SIGNING_PORT: String(port),
})

export type Enrolled = { readonly user: string; readonly handle: string; readonly secret: string }

/** The code of a secret at a time. */
export function codeAt(secret: string, nowMs: number): string {
  return generateSync({ secret, epoch: Math.floor(nowMs / 1000) })
}

/** A store whose time is ours. */
export async function storeAt(
  folder: string,
  clock: { readonly nowMs: number },
  key = SIGNING_KEY,
): Promise<SigningStore> {
  return storeOver(await openSecondFactorFile(secondFactorFile(folder)), clock, key)
}

/** The same, wherever it is kept. */
export async function storeOver(
  place: SecondFactorPlace,
  clock: { readonly nowMs: number },
  key = SIGNING_KEY,
): Promise<SigningStore> {
  const issuer = 'Backout production'
  try {
    return await openSecondFactor({ place, key, issuer, clock: { now: () => clock.nowMs } })
  } catch (error) {
    await place.close()
    throw error
  }
}

/** Shows a secret to this person, and takes the first code of it. */
export async function proved(store: SecondFactor, user: string, nowMs: number): Promise<Enrolled> {
  const link = await store.invite(user)
  const made = link && (await store.redeem(link.token))
  if (!made) throw new Error(`${user} cannot enrol`)
  const first = await store.prove(user, codeAt(made.secret, nowMs))
  if (first.kind !== 'counts') throw new Error(`${user} did not prove it: ${first.kind}`)
  return made
}

/** People who enrolled long enough ago to sign at `nowMs`. */
export async function enrolledIn(
  folder: string,
  nowMs: number,
  users: readonly string[],
): Promise<readonly Enrolled[]> {
  const clock = { nowMs: nowMs - WAITS_MS - 60_000 }
  const store = await storeAt(folder, clock)
  try {
    return await enrolledAt(store, clock.nowMs, users)
  } finally {
    await store.close()
  }
}

/** The same, in a store whose time was then. */
export async function enrolledAt(
  store: SecondFactor,
  nowMs: number,
  users: readonly string[],
): Promise<readonly Enrolled[]> {
  const enrolled: Enrolled[] = []
  for (const user of users) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const made = await proved(store, user, nowMs)
    // oxlint-disable-next-line no-await-in-loop -- as above
    const { id = '' } = (await store.enrolmentOf(user)) ?? {}
    // oxlint-disable-next-line no-await-in-loop -- as above
    await store.confirm(user, id, 'U0CONFIRMS')
    enrolled.push(made)
  }
  return enrolled
}
