#if defined(__x86_64__)
#include <cpuid.h>
#endif
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

#include "CKernels.h"

enum { ROW_MAJOR = 101, NO_TRANSPOSE = 111, TRANSPOSE = 112 };

typedef void (*sgemm_function)(int, int, int, int, int, int, float, const float *, int, const float *, int, float,
                               float *, int);

static void *library;
static sgemm_function sgemm;
static const char *kernel = "none";
static pthread_once_t once = PTHREAD_ONCE_INIT;

#if defined(__x86_64__)
// AMD's family 25, in its second generation Zen 4, does 512 bits in two halves: the kernel for 256
// bits is up to 8 % faster there.
static int halves_wide_vectors(void) {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__builtin_cpu_is("amd") || !__get_cpuid(1, &a, &b, &c, &d)) return 0;
  return (a >> 8 & 15) + (a >> 20 & 255) == 25;
}
#endif

// OpenBLAS picks its kernel in its constructor and falls back to SSE3 on CPUs newer than itself
// (4.5 times slower on Sapphire Rapids with 0.3.21). So name the kernel by what the CPU can do,
// before the library is loaded; a variable that the user has set stays.
static void choose_kernel(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!halves_wide_vectors() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    setenv("OPENBLAS_CORETYPE", "SkylakeX", 0);
  else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    setenv("OPENBLAS_CORETYPE", "Haswell", 0);
#endif
  // Workers own the cores; BLAS stays on the thread that calls it.
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
}

static void load(void) {
  choose_kernel();
  library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) library = dlopen("libopenblas.so", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  sgemm = (sgemm_function)dlsym(library, "cblas_sgemm");
  char *(*core)(void) = (char *(*)(void))dlsym(library, "openblas_get_corename");
  if (core) kernel = core();
  void (*threads)(int) = (void (*)(int))dlsym(library, "openblas_set_num_threads");
  if (threads) threads(1);
}

int ck_blas_load(void) {
  pthread_once(&once, load);
  return sgemm ? 0 : -1;
}

const char *ck_blas_kernel(void) { return kernel; }

void *ck_blas_symbol(const char *name) { return ck_blas_load() == 0 ? dlsym(library, name) : NULL; }

void ck_sgemm(int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a, int lda,
              const float *b, int ldb, float beta, float *c, int ldc) {
  sgemm(ROW_MAJOR, transpose_a ? TRANSPOSE : NO_TRANSPOSE, transpose_b ? TRANSPOSE : NO_TRANSPOSE, m, n, k, alpha, a,
        lda, b, ldb, beta, c, ldc);
}
