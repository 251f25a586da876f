// The kernel of the matrix unit, Intel AMX: 32 × 32 sums in four tiles, two tiles of a, two of the
// panel; 32 columns of a at a time. Written once over the operations of the unit, for the unit
// itself and for its model in software: define KERNEL, ATTRIBUTES, BEGIN, END, ZERO, LOAD, MULTIPLY
// and STORE, then include this file.

ATTRIBUTES static void KERNEL(size_t depth, const void *rows, size_t lda, size_t step, const void *columns, float *c,
                              size_t ldc, int accumulate) {
  (void)step;
  const ck_bf16 *a = rows, *panel = columns;
  const size_t a_stride = lda * sizeof *a, panel_stride = 2 * CK_PANEL * sizeof *panel, c_stride = ldc * sizeof *c;
  BEGIN;
  if (accumulate) {
    LOAD(0, c, c_stride);
    LOAD(1, c + 16, c_stride);
    LOAD(2, c + 16 * ldc, c_stride);
    LOAD(3, c + 16 * ldc + 16, c_stride);
  } else {
    ZERO(0);
    ZERO(1);
    ZERO(2);
    ZERO(3);
  }
  for (size_t k = 0; k < depth; k += 32, panel += 32 * CK_PANEL) {
    LOAD(4, a + k, a_stride);
    LOAD(6, panel, panel_stride);
    LOAD(7, panel + CK_PANEL, panel_stride);
    LOAD(5, a + 16 * lda + k, a_stride);
    MULTIPLY(0, 4, 6);
    MULTIPLY(1, 4, 7);
    MULTIPLY(2, 5, 6);
    MULTIPLY(3, 5, 7);
  }
  STORE(0, c, c_stride);
  STORE(1, c + 16, c_stride);
  STORE(2, c + 16 * ldc, c_stride);
  STORE(3, c + 16 * ldc + 16, c_stride);
  END;
}

#undef KERNEL
#undef ATTRIBUTES
#undef BEGIN
#undef END
#undef ZERO
#undef LOAD
#undef MULTIPLY
#undef STORE
