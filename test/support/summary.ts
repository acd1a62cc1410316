import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** What vitest's JSON reporter writes, as far as it is counted here. */
const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numFailedTestSuites: z.number(),
})

const [folder = '.', failedSteps = '0'] = process.argv.slice(2)
const reports = globSync('*.json', { cwd: folder }).map((file) =>
  Report.parse(JSON.parse(readFileSync(join(folder, file), 'utf8'))),
)
const sum = (count: (report: z.infer<typeof Report>) => number) =>
  reports.reduce((total, report) => total + count(report), 0)

const passed = sum(({ numPassedTests }) => numPassedTests)
const skipped = sum(({ numPendingTests }) => numPendingTests)
const failedTests = sum(({ numFailedTests }) => numFailedTests)
const allowed = process.env['ALLOW_MISSING'] ?? ''

if (allowed) console.log(`not tested, because ALLOW_MISSING names them: ${allowed}`)
// A skipped test looks green. Only a server that was allowed to be missing excuses one.
const silentlySkipped = allowed ? 0 : skipped
if (silentlySkipped > 0) console.log(`${silentlySkipped} tests were skipped without leave`)

// A step can fail without a failing test: a type error, a file that does not load, a missing server.
const otherwise = Number(failedSteps) > 0 && failedTests === 0 ? 1 : 0
const failed = failedTests + silentlySkipped + otherwise
console.log(`tests: ${passed} passed, ${failed} failed`)
process.exit(failed > 0 || passed === 0 ? 1 : 0)
