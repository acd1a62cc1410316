/** Something wrong with the configuration, for a person to mend. */
export type Problem = {
  /** `backout.yaml:12` or `environment`. */
  readonly where: string
  readonly what: string
}

/** The environment first, then the file from top to bottom. */
function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const line = ({ where }: Problem) => Number(/:(\d+)$/.exec(where)?.[1] ?? 0)
  return problems.toSorted((a, b) => line(a) - line(b))
}

/** Every problem at once. The command line prints the list and exits with 78. */
export class WrongConfiguration extends Error {
  override readonly name = 'WrongConfiguration'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    const sorted = inOrder(problems)
    super(sorted.map(({ where, what }) => `${where}: ${what}`).join('\n'))
    this.problems = sorted
  }
}
