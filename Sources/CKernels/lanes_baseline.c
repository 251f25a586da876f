#include "lanes_code.h"

#pragma clang diagnostic ignored "-Wpsabi"
#define LANES_AVX512 0
#define SINGLES singles_baseline
#define SINGLES_TWO singles_baseline
#include "lanes_source.h"

const lanes_code lanes_baseline = {lane_energies, lane_langevin, lane_normal, lane_apply};
