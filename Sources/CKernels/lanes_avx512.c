#include "lanes_code.h"

#if defined(__x86_64__)
#include <immintrin.h>
// Vectors are passed between inlined functions only.
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"), min_vector_width(512))), apply_to = function)
#define LANES_AVX512 1
#define SINGLES singles_avx512
#define SINGLES_TWO singles_avx512_two
#include "lanes_source.h"
#pragma clang attribute pop

const lanes_code lanes_avx512 = {lane_energies, lane_langevin, lane_normal, lane_apply};
#endif
