import { createPublicKey, type KeyObject } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { JournalPlace } from '../../config/journal-place.ts'
import type { Config } from '../../config/load-config.ts'
import { jsonOf } from '../../domain/base/json-of.ts'
import type { Anchor, HeldAgainst } from '../../journal/prove-checkpoints.ts'
import { proving, type JournalProof } from '../../journal/prove.ts'

type Done = { readonly output: string; readonly exitCode: number }

export type ToVerify = {
  /** A journal, or a copy of one that `export` has written. */
  readonly of: JournalPlace | { readonly kind: 'copy'; readonly file: string }
  /** Files with the public halves of the installation's keys. */
  readonly publicKeys: readonly string[]
  /** Where the threads are; `null`: they are not asked. */
  readonly slack: Config | null
  /** How far back they are read. */
  readonly days: number
}

export async function runVerifyJournal({ of, publicKeys, slack, days }: ToVerify): Promise<Done> {
  const keys = publicKeys.map(publicKeyIn)
  const anchors = slack ? await anchorsIn(slack, days) : []
  const proof = await proofOf(of, { anchors, publicKeys: keys })
  return answerTo(proof, { keys, threads: slack ? { anchors, days } : null })
}

async function proofOf(of: ToVerify['of'], outside: HeldAgainst): Promise<JournalProof> {
  switch (of.kind) {
    case 'file': {
      const { verifyJournal } = await import('../../adapters/sqlite/verify-journal.ts')
      return verifyJournal(of.file, outside)
    }
    case 'server': {
      const { verifyPostgresJournal } = await import('../../adapters/postgres/verify-journal.ts')
      return verifyPostgresJournal(of.server, outside)
    }
    case 'copy':
      return proofOfCopy(of.file, outside)
    default:
      return of satisfies never
  }
}

async function proofOfCopy(file: string, outside: HeldAgainst): Promise<JournalProof> {
  const proof = proving(outside)
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const broken = proof.next(jsonOf(line))
    if (broken) return broken
  }
  return proof.end()
}

function publicKeyIn(file: string): KeyObject {
  try {
    const key = createPublicKey(readFileSync(file))
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (cause) {
    throw new TypeError(`${file} cannot be read as a key`, { cause })
  }
  throw new TypeError(`${file} is no Ed25519 key`)
}

const DAY_MS = 24 * 60 * 60_000

async function anchorsIn(config: Config, days: number): Promise<readonly Anchor[]> {
  const { SLACK_BOT_TOKEN: botToken, SLACK_API_URL: apiUrl } = config.environment
  const { checkpointsTold } = await import('../../adapters/slack/checkpoints-told.ts')
  const told = await checkpointsTold({
    botToken: botToken ?? '',
    apiUrl,
    channels: config.settings.slack.channels,
    sinceMs: Date.now() - days * DAY_MS,
  })
  return told.map(({ incident, ...anchor }) => ({
    ...anchor,
    where: `the thread of incident ${incident}`,
  }))
}

type Outside = {
  readonly keys: readonly KeyObject[]
  readonly threads: { readonly anchors: readonly Anchor[]; readonly days: number } | null
}

function answerTo(proof: JournalProof, { keys, threads }: Outside): Done {
  if (proof.kind === 'broken') {
    const { position, incident, what } = proof
    const output = `The journal is broken at event ${position} (incident ${incident}): ${what}.`
    return { output, exitCode: 1 }
  }
  const { events, head, checkpointed } = proof
  const signed = keys.length > 0
  const lines = [
    `The journal is intact: ${events} events, head ${head}.`,
    checkpointed > 0
      ? `Its newest ${signed ? 'signed ' : ''}checkpoint covers event 1 to ${checkpointed}.`
      : `There is no ${signed ? 'signed ' : ''}checkpoint in it.`,
    ...(threads ? [threadLine(threads)] : []),
  ]
  const missing = (signed && checkpointed === 0) || threads?.anchors.length === 0
  return { output: lines.join('\n'), exitCode: missing && events > 0 ? 1 : 0 }
}

function threadLine({ anchors, days }: NonNullable<Outside['threads']>): string {
  const since = `the last ${days} days`
  if (anchors.length === 0)
    return `No thread of ${since} was told of it: nothing to hold it against.`
  const newest = Math.max(...anchors.map(({ position }) => position))
  return `It is what the threads of ${since} were told: ${anchors.length} checkpoints, the newest of event ${newest}.`
}
