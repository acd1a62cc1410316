/** 95 %. */
const Z = 1.96

/**
 * Between which shares, in percent, the true one lies when so many of so many were seen (Wilson 1927): unlike
 * the textbook's interval it is right for few events, and for none.
 */
export function wilson(
  part: number,
  whole: number,
): { readonly low: number; readonly high: number } {
  if (whole <= 0) return { low: 0, high: 100 }
  const share = Math.min(1, Math.max(0, part / whole))
  const spread = Z ** 2 / whole
  const centre = (share + spread / 2) / (1 + spread)
  const half = (Z * Math.sqrt((share * (1 - share)) / whole + spread / (4 * whole))) / (1 + spread)
  return { low: 100 * Math.max(0, centre - half), high: 100 * Math.min(1, centre + half) }
}
