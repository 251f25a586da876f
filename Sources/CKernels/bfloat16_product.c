#include <string.h>

#include "CKernels.h"
#include "multiversion.h"

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

// Computes whole rows of 32 columns, c = a · panel (+ c).
typedef void (*kernel_function)(size_t depth, const ck_bf16 *a, size_t lda, const ck_bf16 *panel, float *c, size_t ldc,
                                int accumulate);

// Depth of a pass: a few rows of a stay in the first cache, a panel in the second.
enum { VECTOR_ROWS = 12, TILE_ROWS = 32, MOST_ROWS = 32, PASS = 512 };

// MARK: - The matrix unit in software

typedef struct {
  union {
    float sums[16][16];
    ck_bf16 pairs[16][32];
  } tile[8];
} software_tiles;

static void load_tile(software_tiles *unit, int tile, const void *memory, size_t stride) {
  for (size_t row = 0; row < 16; row++)
    memcpy(unit->tile[tile].sums[row], (const char *)memory + row * stride, sizeof unit->tile[tile].sums[row]);
}

static void store_tile(const software_tiles *unit, int tile, void *memory, size_t stride) {
  for (size_t row = 0; row < 16; row++)
    memcpy((char *)memory + row * stride, unit->tile[tile].sums[row], sizeof unit->tile[tile].sums[row]);
}

static float widened(ck_bf16 x) {
  const uint32_t bits = (uint32_t)x << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static void multiply_tiles(software_tiles *unit, int sums, int a, int b) {
  for (size_t row = 0; row < 16; row++)
    for (size_t k = 0; k < 32; k++)
      for (size_t column = 0; column < 16; column++)
        unit->tile[sums].sums[row][column] +=
            widened(unit->tile[a].pairs[row][k]) * widened(unit->tile[b].pairs[k / 2][2 * column + k % 2]);
}

#define KERNEL software_kernel
#define ATTRIBUTES
#define BEGIN software_tiles unit
#define END (void)0
#define ZERO(tile) load_tile(&unit, tile, (const float[16]){0}, 0)
#define LOAD(tile, memory, stride) load_tile(&unit, tile, memory, stride)
#define MULTIPLY(sums, a, b) multiply_tiles(&unit, sums, a, b)
#define STORE(tile, memory, stride) store_tile(&unit, tile, memory, stride)
#include "bfloat16_tiles.h"

#if defined(__x86_64__) && defined(__linux__)

// MARK: - The matrix unit, and vectors

// 12 × 32 sums in 24 registers; a pair of a's columns is one broadcast for two products of 16 × 2.
__attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16"))) static void vector_kernel(
    size_t depth, const ck_bf16 *restrict a, size_t lda, const ck_bf16 *restrict panel, float *restrict c, size_t ldc,
    int accumulate) {
  __m512 sums[VECTOR_ROWS][2];
#pragma clang loop unroll(full)
  for (int i = 0; i < VECTOR_ROWS; i++) {
    sums[i][0] = accumulate ? _mm512_loadu_ps(c + i * ldc) : _mm512_setzero_ps();
    sums[i][1] = accumulate ? _mm512_loadu_ps(c + i * ldc + 16) : _mm512_setzero_ps();
  }
  for (size_t k = 0; k < depth; k += 2, panel += 2 * CK_BF16_PANEL) {
    const __m512bh left = (__m512bh)_mm512_loadu_si512(panel);
    const __m512bh right = (__m512bh)_mm512_loadu_si512(panel + CK_BF16_PANEL);
#pragma clang loop unroll(full)
    for (int i = 0; i < VECTOR_ROWS; i++) {
      int pair;
      memcpy(&pair, a + i * lda + k, sizeof pair);
      const __m512bh both = (__m512bh)_mm512_set1_epi32(pair);
      sums[i][0] = _mm512_dpbf16_ps(sums[i][0], both, left);
      sums[i][1] = _mm512_dpbf16_ps(sums[i][1], both, right);
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < VECTOR_ROWS; i++) {
    _mm512_storeu_ps(c + i * ldc, sums[i][0]);
    _mm512_storeu_ps(c + i * ldc + 16, sums[i][1]);
  }
}

// Eight tiles of 16 rows of 64 bytes.
typedef struct {
  uint8_t palette, start_row, reserved[14];
  uint16_t bytes_per_row[16];
  uint8_t rows[16];
} __attribute__((aligned(64))) tile_shapes;

__attribute__((target("amx-tile"))) static void configure_tiles(void) {
  tile_shapes shapes = {.palette = 1};
  for (int tile = 0; tile < 8; tile++) {
    shapes.bytes_per_row[tile] = 64;
    shapes.rows[tile] = 16;
  }
  _tile_loadconfig(&shapes);
}

__attribute__((target("amx-tile"))) static void release_tiles(void) { _tile_release(); }

#define KERNEL matrix_unit_kernel
#define ATTRIBUTES __attribute__((target("amx-tile,amx-bf16")))
#define BEGIN (void)0
#define END (void)0
#define ZERO(tile) _tile_zero(tile)
#define LOAD(tile, memory, stride) _tile_loadd(tile, memory, stride)
#define MULTIPLY(sums, a, b) _tile_dpbf16ps(sums, a, b)
#define STORE(tile, memory, stride) _tile_stored(tile, memory, stride)
#include "bfloat16_tiles.h"

// Linux hands the tile registers to a process that asks for them.
static int matrix_unit_is_usable(void) {
  enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
  return __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-bf16") &&
         syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
}

int ck_bf16_supports(enum ck_bf16_unit unit) {
  __builtin_cpu_init();
  switch (unit) {
    case CK_BF16_SOFTWARE: return 1;
    case CK_BF16_AVX512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bf16");
    case CK_BF16_AMX: return matrix_unit_is_usable();
  }
  return 0;
}

#else

int ck_bf16_supports(enum ck_bf16_unit unit) { return unit == CK_BF16_SOFTWARE; }

static void configure_tiles(void) {}
static void release_tiles(void) {}
#define vector_kernel software_kernel
#define matrix_unit_kernel software_kernel

#endif

// MARK: - Products

// Copies the part of a tile that lies inside the matrix.
static void copy_tile(size_t rows, size_t columns, const float *from, size_t from_stride, float *to, size_t to_stride) {
  for (size_t i = 0; i < rows; i++) memcpy(to + i * to_stride, from + i * from_stride, columns * sizeof(float));
}

void ck_bf16_product(enum ck_bf16_unit unit, size_t rows, size_t columns, size_t depth, const ck_bf16 *a,
                     const ck_bf16 *panels, float *c, size_t ldc, int accumulate) {
  const kernel_function kernel = unit == CK_BF16_AMX      ? matrix_unit_kernel
                                 : unit == CK_BF16_AVX512 ? vector_kernel
                                                          : software_kernel;
  const size_t step = unit == CK_BF16_AVX512 ? VECTOR_ROWS : TILE_ROWS;
  const size_t lda = ck_bf16_depth(depth);
  float tile[MOST_ROWS * CK_BF16_PANEL] = {0};
  if (unit == CK_BF16_AMX) configure_tiles();
  for (size_t first = 0; first < lda; first += PASS) {
    const size_t pass = lda - first < PASS ? lda - first : PASS;
    const int adding = accumulate || first > 0;
    for (size_t column = 0; column < columns; column += CK_BF16_PANEL) {
      const ck_bf16 *panel = panels + column * lda + first * CK_BF16_PANEL;
      const size_t width = columns - column < CK_BF16_PANEL ? columns - column : CK_BF16_PANEL;
      for (size_t row = 0; row < rows; row += step) {
        const size_t height = rows - row < step ? rows - row : step;
        const ck_bf16 *left = a + row * lda + first;
        float *place = c + row * ldc + column;
        if (height == step && width == CK_BF16_PANEL) {
          kernel(pass, left, lda, panel, place, ldc, adding);
        } else {
          if (adding) copy_tile(height, width, place, ldc, tile, CK_BF16_PANEL);
          kernel(pass, left, lda, panel, tile, CK_BF16_PANEL, adding);
          copy_tile(height, width, tile, CK_BF16_PANEL, place, ldc);
        }
      }
    }
  }
  if (unit == CK_BF16_AMX) release_tiles();
}
