import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['ts/**/*.test.ts', 'scripts/**/*.test.mjs'],
    testTimeout: 30_000,
  },
});
