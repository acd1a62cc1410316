import { build } from 'rolldown'
import program from '../../rolldown.config.ts'

/** What is tried against real servers and in a browser is what gets installed. */
export const setup = async (): Promise<void> => {
  await build(program)
}
