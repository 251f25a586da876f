// The kernels of products with panels: whole rows of one panel of 32 columns at a time.
#pragma once
#include "CKernels.h"

enum {
  // Rows that a kernel computes: with vectors, and with the tiles of the matrix unit.
  VECTOR_ROWS = 12,
  TILE_ROWS = 32,
  MOST_ROWS = 32,
};

// c = a · panel, or += if accumulating; of a, rows are `lda` and columns `step` elements apart.
typedef void (*panel_kernel)(size_t depth, const void *a, size_t lda, size_t step, const void *panel, float *c,
                             size_t ldc, int accumulate);

panel_kernel panel_kernel_of(enum ck_unit unit);

// The same for 32 columns of a matrix b that lies as it is, rows `ldb` apart; of units that do not round.
typedef void (*plain_kernel)(size_t depth, const float *a, size_t lda, size_t step, const float *b, size_t ldb,
                             float *c, size_t ldc, int accumulate);

plain_kernel plain_kernel_of(enum ck_unit unit);

// To be called before and after the kernels of Intel's matrix unit.
void panel_configure_tiles(void);
void panel_release_tiles(void);
