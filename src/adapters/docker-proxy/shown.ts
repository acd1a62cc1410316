import type { IncomingMessage } from 'node:http'
import { jsonOf } from '../../domain/base/json-of.ts'
import type { CallName } from './calls.ts'
import { NoAnswer, textOf } from './engine.ts'
import type { Facts } from './judge.ts'
import { membershipOf } from './membership.ts'
import { touchable } from './repositories.ts'
import { isFields } from './sameness.ts'
import { Event, ListedAll, type Fields } from './schema.ts'

/** Of a host only what Backout reads: the rest tells of proxies with passwords, and of mirrors. */
const OF_HOST = ['SystemTime', 'ID', 'Name', 'ServerVersion', 'OSType', 'Architecture']

/** Of a network: others are in it, with their names and addresses. */
const OF_NETWORK = ['Id', 'Name', 'Driver']

/** What is told of a container that is none of the settings: that it is there, and whose network it shares. */
const OF_STRANGERS = ['Id', 'Created', 'State', 'HostConfig']

/** Whose network, processes and memory it shares: what ends with another one that is made anew. */
const MODES = ['NetworkMode', 'PidMode', 'IpcMode']

const LONGEST_EVENT = 64 * 1024

/**
 * What of an answer is shown where it tells of more than containers of the settings; `null`: all of it, as it comes.
 * Labels, commands and variables of others may be secrets.
 */
export function shownOf(
  name: CallName,
  answer: IncomingMessage,
  facts: Facts,
): AsyncIterable<string> | null {
  if (answer.statusCode !== 200) return null
  switch (name) {
    case 'list':
      return whole(answer, (all) => listShown(all, facts))
    case 'info':
      return whole(answer, (info) => (isFields(info) ? only(info, OF_HOST) : {}))
    case 'network':
      return whole(answer, (network) => (isFields(network) ? only(network, OF_NETWORK) : {}))
    case 'events':
      return eventsShown(answer, facts)
    default:
      return null
  }
}

/** Of a container that is none of the settings. */
export function modesShown(answer: IncomingMessage): AsyncIterable<string> | null {
  if (answer.statusCode !== 200) return null
  return whole(answer, (said) => {
    const one = isFields(said) ? said : {}
    const host = isFields(one['HostConfig']) ? one['HostConfig'] : {}
    return { ...only(one, ['Id']), HostConfig: only(host, MODES) }
  })
}

async function* whole(
  answer: IncomingMessage,
  shown: (said: unknown) => unknown,
): AsyncIterable<string> {
  yield JSON.stringify(shown(jsonOf(await textOf(answer))))
}

function listShown(said: unknown, { services, around }: Facts): readonly Fields[] {
  const all = ListedAll.safeParse(said).data
  if (!all) throw new NoAnswer('The Engine lists its containers in a way that cannot be read.')
  const ours = new Set(touchable(services, { ...around, all }).map(({ Id }) => Id))
  return all.map((one) => {
    if (ours.has(one.Id)) return one
    const { NetworkMode } = one.HostConfig
    return {
      ...only(one, OF_STRANGERS),
      Names: [],
      Image: '',
      ImageID: '',
      HostConfig: { NetworkMode },
    }
  })
}

/** One a line. Commands that somebody runs in a container are events too, with all their words. */
async function* eventsShown(
  answer: IncomingMessage,
  { services, around }: Facts,
): AsyncIterable<string> {
  const hidden = new Set(around.all.map(({ Id }) => Id))
  for (const { Id } of touchable(services, around)) hidden.delete(Id)
  const decoder = new TextDecoder()
  let begun = ''
  for await (const chunk of answer) {
    if (!(chunk instanceof Uint8Array)) continue
    const lines = (begun + decoder.decode(chunk, { stream: true })).split('\n')
    begun = lines.pop() ?? ''
    if (begun.length > LONGEST_EVENT) throw new NoAnswer('An event is too long.')
    for (const line of lines) {
      const event = Event.safeParse(jsonOf(line)).data
      if (!event || event.Action.startsWith('exec_') || hidden.has(event.Actor.ID)) continue
      const { ID: id, Attributes: labels } = event.Actor
      if (membershipOf(services, { id, name: labels['name'] ?? '', labels })) yield `${line}\n`
    }
  }
}

function only(fields: Fields, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)))
}
