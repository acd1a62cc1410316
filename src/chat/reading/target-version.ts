/** The tag of an image, or a digest. What it stands for is looked up later. */
export function isVersion(text: string): boolean {
  return /^(?:\w[\w.+-]{0,127}|sha256:[0-9a-f]{64})$/.test(text)
}
