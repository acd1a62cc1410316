// JavaScript, so that `node --import` can run it before Node reads the first file of ours: then even
// that one comes out of the cache, and what strips the types, 20 ms and 19 MB, is never loaded.
import { enableCompileCache } from 'node:module'
import { resolve } from 'node:path'

// Beside the packages, so that only who may change the program may change this. In vain, and
// harmless, where that folder cannot be written. It is written when the process ends in order: at any earlier time that
// would block it for seconds, and Slack would take it for dead. NODE_COMPILE_CACHE comes before it.
enableCompileCache(resolve(import.meta.dirname, '../node_modules/.cache/backout'))
