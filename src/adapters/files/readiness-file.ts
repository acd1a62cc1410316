import { KeptReadiness } from '../../domain/readiness/news.ts'
import { keptFile, type KeptFile } from './kept-file.ts'

export type ReadinessFile = KeptFile<KeptReadiness>

/** What is known of the ways back, beside the journal. */
export function readinessFile(path: string): ReadinessFile {
  return keptFile(path, KeptReadiness, { dependency: 'readiness', of: 'the ways back' })
}
