// Vectors of reals, one conformation in each lane, and of three of them, in double or in single
// precision: part of lanes_source.h and of singles_source.h, which say what a REAL is, a WHOLE and a
// NATURAL, the integers of its size, and how many LANES there are.

typedef REAL real;
typedef REAL vr __attribute__((ext_vector_type(LANES)));
typedef WHOLE vl __attribute__((ext_vector_type(LANES)));
typedef NATURAL vu __attribute__((ext_vector_type(LANES)));

#define FN INLINED
#define APART static __attribute__((noinline))

FN vr pick(vl mask, vr a, vr b) { return mask ? a : b; }
FN int any(vl mask) { return __builtin_reduce_or(mask) != 0; }
FN int all(vl mask) { return __builtin_reduce_and(mask) != 0; }
FN vr splat(real x) { return (vr)x; }
FN vr absolute(vr x) { return __builtin_elementwise_abs(x); }
FN vr root(vr x) { return __builtin_elementwise_sqrt(x); }

typedef struct {
  vr x, y, z;
} v3;

FN v3 at(const vr *x) { return (v3){x[0], x[1], x[2]}; }
FN v3 difference(v3 a, v3 b) { return (v3){a.x - b.x, a.y - b.y, a.z - b.z}; }
FN v3 minus(const vr *a, const vr *b) { return difference(at(a), at(b)); }
FN vr dot(v3 a, v3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
FN v3 cross(v3 a, v3 b) { return (v3){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }
FN v3 times(vr s, v3 a) { return (v3){s * a.x, s * a.y, s * a.z}; }
FN v3 plus(v3 a, v3 b) { return (v3){a.x + b.x, a.y + b.y, a.z + b.z}; }
FN void add_to(vr *f, v3 a) {
  f[0] += a.x;
  f[1] += a.y;
  f[2] += a.z;
}
FN void take_from(vr *f, v3 a) {
  f[0] -= a.x;
  f[1] -= a.y;
  f[2] -= a.z;
}
