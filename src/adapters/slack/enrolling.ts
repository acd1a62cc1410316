import type { View } from '../../domain/base/view.ts'

/** What people do about their second factor. What it answers is for the person alone. */
export type Enrolling = {
  enrol(user: string): Promise<View>
  revoke(user: string): Promise<View>
  /** `card`: what the message that was pressed says from now on; `null`: as before. */
  confirm(asked: {
    readonly by: string
    readonly user: string
    readonly id: string
  }): Promise<{ readonly answer: View; readonly card: View | null }>
}
