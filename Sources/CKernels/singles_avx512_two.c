#include "lanes_code.h"

#if defined(__x86_64__)
#include <immintrin.h>
// Vectors are passed between inlined functions only.
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"), min_vector_width(512))), apply_to = function)
#define SINGLES_AVX512 1
#define SINGLES_NAME singles_avx512_two
#define LANES 16
#include "singles_source.h"
#pragma clang attribute pop
#endif
