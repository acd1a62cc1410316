import type { JournalPlace } from '../../config/journal-place.ts'
import type { JournalProof } from '../../journal/prove.ts'

type Done = { readonly output: string; readonly exitCode: number }

export async function runVerifyJournal(place: JournalPlace): Promise<Done> {
  return told(await proofOf(place))
}

async function proofOf(place: JournalPlace): Promise<JournalProof> {
  if (place.kind === 'file') {
    const { verifyJournal } = await import('../../adapters/sqlite/verify-journal.ts')
    return verifyJournal(place.file)
  }
  const { verifyPostgresJournal } = await import('../../adapters/postgres/verify-journal.ts')
  return verifyPostgresJournal(place.server)
}

function told(proof: JournalProof): Done {
  if (proof.kind === 'intact') {
    const output = `The journal is intact: ${proof.events} events, head ${proof.head}.`
    return { output, exitCode: 0 }
  }
  const { position, incident, what } = proof
  return {
    output: `The journal is broken at event ${position} (incident ${incident}): ${what}.`,
    exitCode: 1,
  }
}
