/** What a swap keeps for its undo, and tidying up removes. Journaled with plans that are shown. */
export const KEPT_CONTAINERS = 'the containers that were replaced'
