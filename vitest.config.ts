import { defineConfig } from 'vitest/config'

/** One report a run, for whoever counts over several runs. */
const reports = process.env['TEST_REPORTS']

/** What these promise is how long something takes at most: nothing else runs beside them. */
const timed = [
  'assess-unreachable',
  'kubernetes-client',
  'mongodb',
  'postgres-replicas',
  'rollback-outages',
].map((name) => `test/integration/${name}.test.ts`)

/** Their processes are the program as it is installed. */
const installed = {
  globalSetup: './test/support/build-program.ts',
  env: { BACKOUT_PROGRAM: 'dist/main.js' },
}

/** How long a state is waited for. Whoever promises that something is quick says so, and is timed. */
const expectation = { poll: { timeout: 20_000 } }

export default defineConfig({
  test: {
    pool: 'forks',
    reporters: reports
      ? ['default', ['json', { outputFile: `${reports}/${process.pid}.json` }]]
      : ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          expect: expectation,
          // Vitest would leave one core to itself, and of two that is half of them.
          maxWorkers: '100%',
          // Files share what they import: loading it anew for each took as long as a third of the tests.
          isolate: false,
          // Time is virtual in most stories: that a busy machine is slow says nothing about them.
          testTimeout: 60_000,
          include: ['test/*.test.ts', 'test/unit/**/*.test.ts', 'test/faults/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'e2e',
          expect: expectation,
          ...installed,
          // Each file has its own Slack, bot and folder, and mostly waits.
          maxWorkers: '100%',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          expect: expectation,
          ...installed,
          // Each file has servers of its own, on ports that were free, and mostly waits for them.
          maxWorkers: 2,
          include: ['test/integration/**/*.test.ts'],
          exclude: timed,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'integration-timed',
          expect: expectation,
          ...installed,
          include: timed,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
