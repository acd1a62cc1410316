/** Small texts by name that outlive the process and are no part of the journal, as what people were told last. Throws `Fault`s. */
export type KeptTexts = {
  /** `null`: there is none of that name. */
  read(name: string): Promise<string | null>
  /** All of it, or nothing. */
  write(name: string, text: string): Promise<void>
}
