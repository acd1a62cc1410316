/** One write of others, as the log of a replica set has it. */
type LoggedWrite = { readonly serial: number; readonly name: string }

/** What was written, in order. Of what this bot has written only that there was something. */
export function writeLog() {
  let serial = 0
  let begins = 0
  let writes: LoggedWrite[] = []

  return {
    serial: () => serial,
    /** What was written before that is not known any more. */
    begins: () => begins,
    add(name: string, { isOurs }: { readonly isOurs: boolean }): void {
      serial += 1
      if (!isOurs) writes.push({ serial, name })
    },
    /** Names of the collections, one for each write. */
    since: (mark: number): readonly string[] =>
      writes.filter((one) => one.serial > mark).map(({ name }) => name),
    forget(): void {
      begins = serial
      writes = []
    },
  }
}
