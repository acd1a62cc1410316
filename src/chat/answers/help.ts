import type { View } from '../../domain/base/view.ts'
import { context, header, section, view } from '../parts/blocks.ts'
import { COMMAND, COMMANDS } from '../reading/commands.ts'
import { code, mrk, oneLine, trusted } from '../text/text.ts'

/** Every command there is, from the table that also reads them. */
export function helpView(environment: string): View {
  const entries = Object.entries(COMMANDS)
  const where = oneLine(environment, 60)
  return view(
    `Backout for ${where} knows ${entries.length} commands; start with ${COMMAND} assess, which says whether to roll back.`,
    [
      header(`What you can type: ${where}`),
      section(
        ...entries.map(([, { usage, does }]) => mrk`${code(`${COMMAND} ${usage}`)}\n${does}`),
      ),
      section(
        trusted('*For example*'),
        ...entries
          .filter(([name, { example }]) => example !== name)
          .map(([, { example }]) => code(`${COMMAND} ${example}`)),
      ),
      context(
        mrk`In a thread type ${code('@Backout')} instead of ${code(COMMAND)}: Slack knows no slash commands there.`,
        trusted(
          'No command changes production by itself: it makes a plan, and people sign the plan first.',
        ),
      ),
    ],
  )
}
