/** How services read the switch. What they read as off is off: a key that is missing, or says so. */
export function isOn(state: string | null): boolean {
  return state !== null && !/^(|0|false|off|no)$/i.test(state.trim())
}
