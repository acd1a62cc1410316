import { killedEverywhere } from './crash-story.ts'

killedEverywhere('before')
