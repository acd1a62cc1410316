import { IN_THE_CLEAR } from '../text/product-names.ts'

/** What is said to this machine itself crosses no network. */
export function isThisMachine(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host)
}

/** Whether anybody on the way can read what is sent to this address, a password with it. */
export function goesInTheClear(address: string): boolean {
  const url = URL.parse(address)
  return url !== null && IN_THE_CLEAR.has(url.protocol) && !isThisMachine(url.hostname)
}
