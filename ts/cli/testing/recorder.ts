// A strategy that writes down the best bid and ask after every change of the book, for tests that compare them with what
// must come out. It trades nothing.

import { writeFileSync } from 'node:fs';
import { BookSource, defineStrategy, parameter } from 'tercel';

export default defineStrategy({
  name: 'recorder',
  parameters: { file: parameter.string({ description: 'Where the lines go when the engine stops' }) },
  state: () => ({ lines: [] as string[] }),

  onBook(ctx, book) {
    if (book.source !== BookSource.Diff) {
      return;
    }
    book.readDepth(1);
    const bid = `${book.bidPriceAt(0)},${book.bidQuantityAt(0)}`;
    const ask = `${book.askPriceAt(0)},${book.askQuantityAt(0)}`;
    ctx.state.lines.push(`${book.depthUpdateId},${bid},${ask}`);
  },

  onStop(ctx) {
    writeFileSync(ctx.parameters.file, `${ctx.state.lines.join('\n')}\n`);
  },
});
