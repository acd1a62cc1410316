import type { Database } from '../../ports/database.ts'
import { answering } from '../simulated-availability.ts'
import { fraction } from '../metrics/noise.ts'
import type { Stage } from '../production.ts'

const report = {
  databases: [
    {
      database: 'production',
      stats: { collections: 2, objects: 45_518, dataSize: 18_432_512, storageSize: 7_340_032 },
      collections: [
        { collection: 'documents', stats: { count: 45_400, size: 18_380_100, nindexes: 4 } },
        { collection: 'users', stats: { count: 118, size: 52_412, nindexes: 2 } },
      ],
      leftOut: 0,
    },
  ],
  leftOut: 0,
}

export function sandboxDatabase(stage: Stage): Database {
  const answer = answering('mongodb', stage)
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

    count: ({ collection }, signal) =>
      answer(
        stage.production().mongodb,
        signal,
        () => stage.production().matching[collection] ?? 0,
      ),

    report: (signal) =>
      answer(stage.production().mongodb, signal, () => `${JSON.stringify(report, null, 2)}\n`),
  }
}
