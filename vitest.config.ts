import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{ts,examples}/**/*.test.ts', 'scripts/**/*.test.mjs'],
    testTimeout: 30_000,
  },
});
