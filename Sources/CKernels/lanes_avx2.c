#include "lanes_code.h"

#if defined(__x86_64__)
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define LANES_AVX512 0
#define SINGLES singles_avx2
#define SINGLES_TWO singles_avx2
#include "lanes_source.h"
#pragma clang attribute pop

const lanes_code lanes_avx2 = {lane_energies, lane_langevin, lane_normal, lane_apply};
#endif
