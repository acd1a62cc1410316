import { UNDECLARED_SHOWN_MS, waitsForDeclaring } from '../../domain/incident/undeclared.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { Engine } from '../../engine/engine-types.ts'
import type { Clock } from '../../ports/clock.ts'

/** Those that nobody has declared yet, the newest first. */
export async function undeclaredOf(
  { lately }: Pick<Engine, 'lately'>,
  clock: Clock,
): Promise<readonly Incident[]> {
  const incidents = await lately(UNDECLARED_SHOWN_MS)
  return incidents.filter((one) => waitsForDeclaring(one, clock.now()))
}
