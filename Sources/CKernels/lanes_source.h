// The source of the lanes, compiled once for each target; LANES_AVX512 says whether AVX-512 may be
// named. System headers come before it: they are not for the target.
#include "multiversion.h"

typedef int64_t vl __attribute__((ext_vector_type(CK_LANES)));
typedef uint64_t vu __attribute__((ext_vector_type(CK_LANES)));

#define FN INLINED
#define APART static __attribute__((noinline))

#include "lanes_math.h"
#include "lanes_bonded.h"
#include "lanes_cmap.h"
#include "lanes_born.h"
#include "lanes_pairs.h"
#include "lanes_energy.h"
#include "lanes_random.h"
#include "lanes_langevin.h"
