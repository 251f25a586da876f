#include <string.h>

#include "panel_kernels.h"

// Depth of a pass: a few rows of a stay in the first cache, a panel in the second.
enum { PASS = 512 };

// Copies the part of a tile that lies inside the matrix.
static void copy_tile(size_t rows, size_t columns, const float *from, size_t from_stride, float *to, size_t to_stride) {
  for (size_t i = 0; i < rows; i++) memcpy(to + i * to_stride, from + i * from_stride, columns * sizeof(float));
}

// The twelve rows of a in single precision that end with its last.
typedef struct {
  const float *a;
  size_t lda, step;
  // Rows before the ones that are wanted.
  size_t before;
} last_rows;

// They begin before the wanted ones; a matrix of fewer than twelve is copied to edge [depth, 12].
static last_rows whole_tile(size_t row, size_t inside, size_t depth, const float *a, size_t lda, size_t step,
                            float *edge) {
  const size_t before = VECTOR_ROWS - inside;
  if (row >= before) return (last_rows){a - before * lda, lda, step, before};
  for (size_t k = 0; k < depth; k++)
    for (size_t i = 0; i < VECTOR_ROWS; i++) edge[k * VECTOR_ROWS + i] = i < inside ? a[i * lda + k * step] : 0;
  return (last_rows){edge, 1, VECTOR_ROWS, 0};
}

void ck_panel_product(enum ck_unit unit, size_t rows, size_t columns, size_t depth, const void *a, size_t lda,
                      size_t step, const void *panels, size_t panel_depth, float *c, size_t ldc, int accumulate) {
  const panel_kernel kernel = panel_kernel_of(unit);
  const int rounds = ck_unit_rounds(unit);
  const size_t height = !rounds || unit == CK_AVX512_BF16 ? VECTOR_ROWS : TILE_ROWS;
  const size_t size = ck_unit_element(unit);
  const size_t stored = ck_unit_depth(unit, depth), panel_stored = ck_unit_depth(unit, panel_depth);
  float tile[MOST_ROWS * CK_PANEL] = {0}, edge[VECTOR_ROWS * PASS];
  if (unit == CK_AMX_BF16) panel_configure_tiles();
  for (size_t first = 0; first < stored; first += PASS) {
    const size_t pass = stored - first < PASS ? stored - first : PASS;
    const int adding = accumulate || first > 0;
    for (size_t column = 0; column < columns; column += CK_PANEL) {
      const char *panel = (const char *)panels + (column * panel_stored + first * CK_PANEL) * size;
      const size_t width = columns - column < CK_PANEL ? columns - column : CK_PANEL;
      for (size_t row = 0; row < rows; row += height) {
        const size_t inside = rows - row < height ? rows - row : height;
        const char *left = (const char *)a + (row * lda + first * step) * size;
        float *place = c + row * ldc + column;
        if (inside == height && width == CK_PANEL) {
          kernel(pass, left, lda, step, panel, place, ldc, adding);
        } else {
          last_rows last = {.before = 0};
          if (!rounds) last = whole_tile(row, inside, pass, (const float *)left, lda, step, edge);
          float *wanted = tile + last.before * CK_PANEL;
          if (adding) copy_tile(inside, width, place, ldc, wanted, CK_PANEL);
          if (rounds)
            kernel(pass, left, lda, step, panel, tile, CK_PANEL, adding);
          else
            kernel(pass, last.a, last.lda, last.step, panel, tile, CK_PANEL, adding);
          copy_tile(inside, width, wanted, CK_PANEL, place, ldc);
        }
      }
    }
  }
  if (unit == CK_AMX_BF16) panel_release_tiles();
}

void ck_small_product(enum ck_unit unit, size_t rows, size_t columns, size_t depth, const float *a, size_t lda,
                      size_t step, const float *b, size_t ldb, float *c, size_t ldc, int accumulate) {
  const plain_kernel kernel = plain_kernel_of(unit);
  float tile[VECTOR_ROWS * CK_PANEL] = {0}, edge[VECTOR_ROWS * PASS], last[PASS * CK_PANEL];
  for (size_t first = 0; first < depth; first += PASS) {
    const size_t pass = depth - first < PASS ? depth - first : PASS;
    const int adding = accumulate || first > 0;
    for (size_t column = 0; column < columns; column += CK_PANEL) {
      const size_t width = columns - column < CK_PANEL ? columns - column : CK_PANEL;
      const float *right = b + first * ldb + column;
      size_t right_stride = ldb;
      if (width < CK_PANEL) {
        copy_tile(pass, width, right, ldb, last, CK_PANEL);
        right = last;
        right_stride = CK_PANEL;
      }
      for (size_t row = 0; row < rows; row += VECTOR_ROWS) {
        const size_t inside = rows - row < VECTOR_ROWS ? rows - row : VECTOR_ROWS;
        const float *left = a + row * lda + first * step;
        float *place = c + row * ldc + column;
        if (inside == VECTOR_ROWS && width == CK_PANEL) {
          kernel(pass, left, lda, step, right, right_stride, place, ldc, adding);
        } else {
          const last_rows last = whole_tile(row, inside, pass, left, lda, step, edge);
          float *wanted = tile + last.before * CK_PANEL;
          if (adding) copy_tile(inside, width, place, ldc, wanted, CK_PANEL);
          kernel(pass, last.a, last.lda, last.step, right, right_stride, tile, CK_PANEL, adding);
          copy_tile(inside, width, wanted, CK_PANEL, place, ldc);
        }
      }
    }
  }
}
