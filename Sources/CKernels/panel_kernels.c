#include "panel_kernels.h"

#include <string.h>

#include "multiversion.h"

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

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
#include "matrix_unit.h"

#if defined(__x86_64__) && defined(__linux__)

// MARK: - The matrix unit, and vectors

// 12 × 32 sums in 24 registers, which begin as zeros or as c, and end in c.
typedef struct {
  __m512 left[VECTOR_ROWS], right[VECTOR_ROWS];
} vector_sums;

#define VECTOR __attribute__((target("avx512f,avx512bw,avx512vl")))
#define VECTOR_BF16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))

VECTOR INLINED vector_sums first_sums(const float *c, size_t ldc, int accumulate) {
  vector_sums sums;
#pragma clang loop unroll(full)
  for (int i = 0; i < VECTOR_ROWS; i++) {
    sums.left[i] = accumulate ? _mm512_loadu_ps(c + i * ldc) : _mm512_setzero_ps();
    sums.right[i] = accumulate ? _mm512_loadu_ps(c + i * ldc + 16) : _mm512_setzero_ps();
  }
  return sums;
}

VECTOR INLINED void store_sums(vector_sums sums, float *c, size_t ldc) {
#pragma clang loop unroll(full)
  for (int i = 0; i < VECTOR_ROWS; i++) {
    _mm512_storeu_ps(c + i * ldc, sums.left[i]);
    _mm512_storeu_ps(c + i * ldc + 16, sums.right[i]);
  }
}

VECTOR INLINED void float_tile(size_t depth, const float *a, size_t lda, size_t step, const float *b, size_t ldb,
                               float *c, size_t ldc, int accumulate) {
  vector_sums sums = first_sums(c, ldc, accumulate);
  for (size_t k = 0; k < depth; k++, a += step, b += ldb) {
    const __m512 left = _mm512_loadu_ps(b), right = _mm512_loadu_ps(b + 16);
#pragma clang loop unroll(full)
    for (int i = 0; i < VECTOR_ROWS; i++) {
      const __m512 both = _mm512_set1_ps(a[i * lda]);
      sums.left[i] = _mm512_fmadd_ps(both, left, sums.left[i]);
      sums.right[i] = _mm512_fmadd_ps(both, right, sums.right[i]);
    }
  }
  store_sums(sums, c, ldc);
}

VECTOR static void float_kernel(size_t depth, const void *a, size_t lda, size_t step, const void *panel, float *c,
                                size_t ldc, int accumulate) {
  float_tile(depth, a, lda, step, panel, CK_PANEL, c, ldc, accumulate);
}

VECTOR static void plain_float_kernel(size_t depth, const float *a, size_t lda, size_t step, const float *b, size_t ldb,
                                      float *c, size_t ldc, int accumulate) {
  float_tile(depth, a, lda, step, b, ldb, c, ldc, accumulate);
}

#define HALF_VECTOR __attribute__((target("avx2,fma")))
enum { HALF_ROWS = VECTOR_ROWS / 2, HALF_COLUMNS = CK_PANEL / 2 };

// 6 × 16 sums in 12 of the 16 registers, each in the order of the whole vectors.
HALF_VECTOR INLINED void quarter_tile(size_t depth, const float *a, size_t lda, size_t step, const float *b, size_t ldb,
                                      float *c, size_t ldc, int accumulate) {
  __m256 left[HALF_ROWS], right[HALF_ROWS];
#pragma clang loop unroll(full)
  for (int i = 0; i < HALF_ROWS; i++) {
    left[i] = accumulate ? _mm256_loadu_ps(c + i * ldc) : _mm256_setzero_ps();
    right[i] = accumulate ? _mm256_loadu_ps(c + i * ldc + 8) : _mm256_setzero_ps();
  }
  for (size_t k = 0; k < depth; k++, a += step, b += ldb) {
    const __m256 first = _mm256_loadu_ps(b), second = _mm256_loadu_ps(b + 8);
#pragma clang loop unroll(full)
    for (int i = 0; i < HALF_ROWS; i++) {
      const __m256 both = _mm256_set1_ps(a[i * lda]);
      left[i] = _mm256_fmadd_ps(both, first, left[i]);
      right[i] = _mm256_fmadd_ps(both, second, right[i]);
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < HALF_ROWS; i++) {
    _mm256_storeu_ps(c + i * ldc, left[i]);
    _mm256_storeu_ps(c + i * ldc + 8, right[i]);
  }
}

HALF_VECTOR static void plain_half_kernel(size_t depth, const float *a, size_t lda, size_t step, const float *b,
                                          size_t ldb, float *c, size_t ldc, int accumulate) {
  for (size_t row = 0; row < VECTOR_ROWS; row += HALF_ROWS)
    for (size_t column = 0; column < CK_PANEL; column += HALF_COLUMNS)
      quarter_tile(depth, a + row * lda, lda, step, b + column, ldb, c + row * ldc + column, ldc, accumulate);
}

HALF_VECTOR static void half_kernel(size_t depth, const void *a, size_t lda, size_t step, const void *panel, float *c,
                                    size_t ldc, int accumulate) {
  plain_half_kernel(depth, a, lda, step, panel, CK_PANEL, c, ldc, accumulate);
}

// A pair of a's columns is one broadcast for two products of 16 × 2.
VECTOR_BF16 static void bfloat16_kernel(size_t depth, const void *rows, size_t lda, size_t step, const void *columns,
                                        float *c, size_t ldc, int accumulate) {
  (void)step;
  const ck_bf16 *a = rows, *panel = columns;
  vector_sums sums = first_sums(c, ldc, accumulate);
  for (size_t k = 0; k < depth; k += 2, panel += 2 * CK_PANEL) {
    const __m512bh left = (__m512bh)_mm512_loadu_si512(panel);
    const __m512bh right = (__m512bh)_mm512_loadu_si512(panel + CK_PANEL);
#pragma clang loop unroll(full)
    for (int i = 0; i < VECTOR_ROWS; i++) {
      int pair;
      memcpy(&pair, a + i * lda + k, sizeof pair);
      const __m512bh both = (__m512bh)_mm512_set1_epi32(pair);
      sums.left[i] = _mm512_dpbf16_ps(sums.left[i], both, left);
      sums.right[i] = _mm512_dpbf16_ps(sums.right[i], both, right);
    }
  }
  store_sums(sums, c, ldc);
}

// Eight tiles of 16 rows of 64 bytes.
typedef struct {
  uint8_t palette, start_row, reserved[14];
  uint16_t bytes_per_row[16];
  uint8_t rows[16];
} __attribute__((aligned(64))) tile_shapes;

__attribute__((target("amx-tile"))) void panel_configure_tiles(void) {
  tile_shapes shapes = {.palette = 1};
  for (int tile = 0; tile < 8; tile++) {
    shapes.bytes_per_row[tile] = 64;
    shapes.rows[tile] = 16;
  }
  _tile_loadconfig(&shapes);
}

__attribute__((target("amx-tile"))) void panel_release_tiles(void) { _tile_release(); }

#define KERNEL matrix_unit_kernel
#define ATTRIBUTES __attribute__((target("amx-tile,amx-bf16")))
#define BEGIN (void)0
#define END (void)0
#define ZERO(tile) _tile_zero(tile)
#define LOAD(tile, memory, stride) _tile_loadd(tile, memory, stride)
#define MULTIPLY(sums, a, b) _tile_dpbf16ps(sums, a, b)
#define STORE(tile, memory, stride) _tile_stored(tile, memory, stride)
#include "matrix_unit.h"

// Linux hands the tile registers to a process that asks for them.
static int matrix_unit_is_usable(void) {
  enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
  return __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-bf16") &&
         syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
}

int ck_unit_is_present(enum ck_unit unit) {
  __builtin_cpu_init();
  const int vectors =
      __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  switch (unit) {
  case CK_SOFTWARE_BF16: return 1;
  case CK_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  case CK_AVX512: return vectors;
  case CK_AVX512_BF16: return vectors && __builtin_cpu_supports("avx512bf16");
  case CK_AMX_BF16: return matrix_unit_is_usable();
  }
  return 0;
}

panel_kernel panel_kernel_of(enum ck_unit unit) {
  switch (unit) {
  case CK_AVX2: return half_kernel;
  case CK_AVX512: return float_kernel;
  case CK_AVX512_BF16: return bfloat16_kernel;
  case CK_AMX_BF16: return matrix_unit_kernel;
  default: return software_kernel;
  }
}

plain_kernel plain_kernel_of(enum ck_unit unit) {
  return unit == CK_AVX512 ? plain_float_kernel : unit == CK_AVX2 ? plain_half_kernel : NULL;
}

#else

int ck_unit_is_present(enum ck_unit unit) { return unit == CK_SOFTWARE_BF16; }

void panel_configure_tiles(void) {}
void panel_release_tiles(void) {}
panel_kernel panel_kernel_of(enum ck_unit unit) { return software_kernel; }
plain_kernel plain_kernel_of(enum ck_unit unit) { return NULL; }

#endif
