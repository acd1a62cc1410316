import { verifyJournal } from '../../adapters/sqlite/verify-journal.ts'

export function runVerifyJournal(file: string): {
  readonly output: string
  readonly exitCode: number
} {
  const proof = verifyJournal(file)
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
