// Answers every change of the book with an immediate-or-cancel bid at the best bid: what wire-to-wire is measured with.

import { defineStrategy, Side, TimeInForce } from 'tercel';

const QUANTITY = 0.001;

export default defineStrategy({
  name: 'answer',
  onBook(ctx, book) {
    ctx.orders.limit(book.instrument.index, Side.Buy, book.bidPrice, QUANTITY, TimeInForce.Ioc);
  },
});
