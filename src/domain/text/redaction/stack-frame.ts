/** A line of a stack trace: it stands further in, and is no value of what stands above it. */
export const isFrame = (line: string): boolean =>
  /^\s+(?:at |File "|\.\.\. \d)/.test(line.slice(0, 200))
