// The source of the lanes, compiled once for each target; LANES_AVX512 says whether AVX-512 may be
// named, and SINGLES and SINGLES_TWO which code has the single precision for one group and for two.
// System headers come before it: they are not for the target.
#include "multiversion.h"

#define REAL double
#define WHOLE int64_t
#define NATURAL uint64_t
#define LANES CK_LANES

#include "lanes_vectors.h"
#include "lanes_math.h"
#include "lanes_bonded.h"
#include "lanes_cmap.h"

typedef ck_pair pair_terms;
typedef ck_born_atom born_atom;
typedef ck_neck neck_terms;

#include "lanes_nonbonded.h"
#include "lanes_born.h"
#include "lanes_pairs.h"
#include "lanes_energy.h"
#include "lanes_random.h"
#include "lanes_langevin.h"
