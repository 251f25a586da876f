// The source of the lanes; LANES_AVX512 says whether AVX-512 may be named. System headers come before it: they are not
// for the target.
#include "multiversion.h"

typedef double vd __attribute__((ext_vector_type(8)));
typedef int64_t vl __attribute__((ext_vector_type(8)));
typedef uint64_t vu __attribute__((ext_vector_type(8)));

#define FN INLINED

#include "lanes_math.h"
#include "lanes_bonded.h"
#include "lanes_pairs.h"
#include "lanes_whole.h"
