import { BSON } from 'mongodb'

/** Each type that a server stores. */
export const everyType = {
  double: 1.5,
  text: 'Ünï\u0000cödé 🜁',
  long: 'ä'.repeat(100),
  document: { a: { b: { c: [] } } },
  array: [1, 'two', null, [3]],
  binary: new BSON.Binary(Buffer.from([1, 2, 3])),
  oldBinary: new BSON.Binary(Buffer.from([1, 2, 3]), 2),
  uuid: new BSON.UUID(),
  id: new BSON.ObjectId(),
  yes: true,
  no: false,
  date: new Date(0),
  nothing: null,
  pattern: new BSON.BSONRegExp('^a.*', 'i'),
  pointer: new BSON.DBRef('users', new BSON.ObjectId()),
  code: new BSON.Code('function () {}'),
  scoped: new BSON.Code('function () {}', { a: 1 }),
  symbol: new BSON.BSONSymbol('s'),
  int: new BSON.Int32(-1),
  timestamp: new BSON.Timestamp({ t: 1, i: 2 }),
  int64: BSON.Long.MAX_VALUE,
  decimal: BSON.Decimal128.fromString('1.10'),
  least: new BSON.MinKey(),
  most: new BSON.MaxKey(),
}
