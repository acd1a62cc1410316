import { KeptRehearsals } from '../../domain/rehearsal/kept.ts'
import { keptFile, type KeptFile } from './kept-file.ts'

/** When the way back was rehearsed last, and what nobody was told of it yet. */
export function rehearsalsFile(path: string): KeptFile<KeptRehearsals> {
  return keptFile(path, KeptRehearsals, { dependency: 'rehearsals', of: 'the rehearsals' })
}
