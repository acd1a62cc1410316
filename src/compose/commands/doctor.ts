import { doctorReport } from '../../chat/text/doctor-report.ts'
import type { Config } from '../../config/load-config.ts'
import { examine } from '../doctor.ts'
import { VERSION } from '../../config/version.ts'
import { openWorld } from '../open-world.ts'

export async function runDoctor(
  configs: readonly Config[],
): Promise<{ readonly output: string; readonly exitCode: number }> {
  const found = await Promise.all(configs.map(examined))
  const output = found.map((one) => one.output).join('\n\n\n')
  return { output, exitCode: Math.max(...found.map((one) => one.exitCode)) }
}

async function examined(config: Config) {
  const { world, close } = await openWorld(config)
  try {
    const checks = await examine(config, world)
    const sick = checks.some(({ state }) => state === 'wrong')
    const output = `Backout ${VERSION}, ${config.settings.environment}\n\n${doctorReport(checks)}`
    return { output, exitCode: sick ? 1 : 0 }
  } finally {
    await close()
  }
}
