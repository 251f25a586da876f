#include "lanes_code.h"

#pragma clang diagnostic ignored "-Wpsabi"
#define SINGLES_AVX512 0
#define SINGLES_NAME singles_baseline
#define LANES 8
#include "singles_source.h"
