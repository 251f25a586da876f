#include "lanes_code.h"

#if defined(__x86_64__)
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define SINGLES_AVX512 0
#define SINGLES_NAME singles_avx2
#define LANES 8
#include "singles_source.h"
#pragma clang attribute pop
#endif
