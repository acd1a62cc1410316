import type { Container } from '../../ports/containers.ts'

type Place = { readonly name: string; readonly from: { readonly id: string } }

/** Derived from the old one's id: two that try at once want the same names, and one of them gets none (J5). */
export function namesOf({ name, from: { id } }: Place) {
  const tail = id.slice(0, 12)
  const next = `${name}-next-${tail}`
  const kept = `${name}-kept-${tail}`
  const failed = `${name}-failed-${tail}`
  const aside = `${name}-old-${tail}`
  const made = [next, kept, failed]
  return { next, kept, failed, aside, made, all: [name, aside, ...made] }
}

/** The name of its place: one that a swap was cut off with was put aside, and gave no other the name. */
export function placeNameOf({ name, id }: Pick<Container, 'name' | 'id'>): string {
  const aside = `-old-${id.slice(0, 12)}`
  return name.endsWith(aside) ? name.slice(0, -aside.length) : name
}

/** It was made to take a place, and has not got it. */
export function isNextName(name: string): boolean {
  return /-next-[0-9a-f]{12}$/.test(name)
}

/** The part of the old one's id in a name that was made for its place; empty in the name of the place itself. */
export function tailIn(name: string, its: string): string | null {
  if (its === name) return ''
  const [, tail = null] = /^-(?:next|kept|failed)-([0-9a-f]+)$/.exec(its.slice(name.length)) ?? []
  return its.startsWith(name) ? tail : null
}
