/** Something wrong with the configuration, for a person to mend. */
export type Problem = {
  /** `backout.yaml:12` or `environment`. */
  readonly where: string
  readonly what: string
}

/** Every problem at once. The command line prints the list and exits with 78. */
export class WrongConfiguration extends Error {
  override readonly name = 'WrongConfiguration'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ where, what }) => `${where}: ${what}`).join('\n'))
    this.problems = problems
  }
}
