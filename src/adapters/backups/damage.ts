/** What a backup's own bytes say against it, in a clause for people: `it was cut off`. Never holds anybody's data. */
export class Damage extends Error {
  readonly because: string

  constructor(because: string) {
    super(because)
    this.name = 'Damage'
    this.because = because
  }
}
