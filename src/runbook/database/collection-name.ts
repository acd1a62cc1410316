import { z } from 'zod'

/** One of the team's, as it stands in backout.yaml. */
export const CollectionName = z
  .string()
  .min(1)
  .max(120, 'is longer than a name can be that Backout keeps beside it')
  .refine(
    (name) => !/^(system\.|__rb_)|[$\0]/.test(name),
    'is not the name of a collection of yours',
  )
