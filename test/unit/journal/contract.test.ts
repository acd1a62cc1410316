import { describe } from 'vitest'
import { journalContract } from '../../support/contracts/journal.ts'
import { sqliteSubject } from '../../support/journal.ts'

describe('the SQLite journal', () => journalContract(sqliteSubject))
