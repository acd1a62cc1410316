import { killedEverywhere } from './crash-story.ts'

killedEverywhere('before', { kept: true })
killedEverywhere('after', { kept: true })
