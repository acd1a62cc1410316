import type { Database } from '../ports/database.ts'
import { answering } from './answering.ts'
import { fraction } from './noise.ts'
import type { Stage } from './production.ts'

export function sandboxDatabase(stage: Stage): Database {
  const answer = answering('mongodb', stage.seed)
  return {
    ping: (signal) =>
      answer(
        stage.production().mongodb,
        signal,
        () => 0.8 + fraction(stage.seed, `ping ${stage.now()}`),
      ),

    status: (signal) =>
      answer(stage.production().mongodb, signal, () => {
        const { connections, writablePrimary } = stage.production()
        return { ok: true, connections, writablePrimary }
      }),
  }
}
