import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** What vitest's JSON reporter writes, as far as it is read here. */
const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({
          status: z.string(),
          fullName: z.string(),
          failureMessages: z.array(z.string()),
        }),
      ),
    }),
  ),
})
type Report = z.infer<typeof Report>

/** The first of what a test says, where it may fill a screen. */
const MOST_CHARACTERS = 600

const [folder = '.', failedSteps = '0'] = process.argv.slice(2)
const reports = globSync('*.json', { cwd: folder }).map((file) =>
  Report.parse(JSON.parse(readFileSync(join(folder, file), 'utf8'))),
)
const sum = (count: (report: Report) => number) =>
  reports.reduce((total, report) => total + count(report), 0)

/** Said again at the end: whoever reads only the last lines learns what failed. */
const whatFailed = (report: Report) =>
  report.testResults.flatMap(({ name, message, assertionResults }) => [
    ...(message && assertionResults.length === 0 ? [`${name}\n${message}`] : []),
    ...assertionResults
      .filter(({ status }) => status === 'failed')
      .map(
        ({ fullName, failureMessages }) => `${name}: ${fullName}\n${failureMessages.join('\n')}`,
      ),
  ])
for (const said of reports.flatMap(whatFailed)) {
  console.log(`failed: ${said.slice(0, MOST_CHARACTERS)}`)
}

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
