import { KeptDrills } from '../../domain/drill/kept.ts'
import { keptFile, type KeptFile } from './kept-file.ts'

/** Which drill runs, and how those before it went. */
export function drillsFile(path: string): KeptFile<KeptDrills> {
  return keptFile(path, KeptDrills, { dependency: 'drills', of: 'the drills' })
}
