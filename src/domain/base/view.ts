/** One block of a Slack message. `chat/` builds them typed; the rest of the program only carries them. */
export type Block = { readonly type: string; readonly block_id?: string }

/** What a person sees. `text` is a whole sentence: notifications and screen readers read only that. */
export type View = { readonly text: string; readonly blocks: readonly Block[] }
