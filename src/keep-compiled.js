// JavaScript, so that it can run before Node loads what strips types: from then on the stripped text
// comes out of the cache, and the stripper, its 30 ms and its memory are not needed at all.
import { enableCompileCache } from 'node:module'
import { resolve } from 'node:path'

// Beside the packages, so that only who may change the program may change this. In vain, and
// harmless, where that folder cannot be written. NODE_COMPILE_CACHE comes before it.
enableCompileCache(resolve(import.meta.dirname, '../node_modules/.cache/backout'))
