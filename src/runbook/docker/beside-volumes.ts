/** The new container is made of an image and has the volumes; the rest of the old one's files goes with the old one. */
export const LOST_BESIDE_VOLUMES =
  'What a container wrote beside its volumes is not in the new one: it is kept as an image, and an undo does not bring it back.'

/** The same of an undo, which is a swap, too. */
export const NOT_BACK =
  'What the containers wrote beside their volumes, before that plan or since, is not in those that are made again: it is kept as images.'
