import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves in another second by the clock: Kubernetes writes down whole ones. */
export const nextSecond = async (): Promise<void> => {
  const second = () => Math.floor(Date.now() / 1_000)
  const now = second()
  while (second() === now) await sleep(20)
}
