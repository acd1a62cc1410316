/** As much as a service takes, without what cannot be seen: cut first, so that a megabyte costs nothing. */
export function within(text: string, max: number): string {
  const clean = text
    .slice(0, max * 2)
    .toWellFormed()
    // oxlint-disable-next-line no-control-regex -- these are what is removed
    .replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '')
  return clean.length <= max ? clean : `${clean.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** The same on one line. */
export function lineWithin(text: string, max: number): string {
  return within(
    text
      .slice(0, max * 2)
      .replaceAll(/\s+/g, ' ')
      .trim(),
    max,
  )
}
