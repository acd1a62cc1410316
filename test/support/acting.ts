import type { Bot } from './bot.ts'

/** Whether this process says that it is the one that acts; one that is gone is not. */
export async function acting({ url }: Pick<Bot, 'url'>): Promise<boolean> {
  const answer = await fetch(`${url}/metrics`).catch(() => null)
  return answer !== null && /^backout_acting 1$/m.test(await answer.text())
}
