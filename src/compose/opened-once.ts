/** Opened when it is first needed, once; and again only where that failed. */
export function openedOnce<Opened>(open: () => Promise<Opened>): () => Promise<Opened> {
  let opened: Promise<Opened> | null = null
  return () => {
    const opening = (opened ??= open())
    opening.catch(() => {
      opened = null
    })
    return opening
  }
}
