import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

const PROGRAM = '/usr/bin/chromium'

/** No phoning home: the tests run where nothing is reached. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Grey letters: pictures of them are half as large as with coloured edges.
  '--disable-lcd-text',
]

/** A real Chromium, headless, with a profile of its own. It is Debian's: playwright would download one. */
export const openBrowser = (): Promise<Browser> => {
  if (!existsSync(PROGRAM)) {
    throw new Error(
      `There is no ${PROGRAM}. On Debian: apt-get install chromium fonts-noto-color-emoji`,
    )
  }
  return chromium.launch({ executablePath: PROGRAM, args: QUIET })
}
