/// The potential energy of eight conformations of one molecule at once, one in each lane of a vector of doubles, and
/// Langevin dynamics on it.
///
/// Units: nm, ps, u, kJ/mol, e, K, rad. A molecule is three things: its shape, a stream of indices and a stream of
/// parameters, read in this order:
///
/// | part | indices | parameters |
/// |---|---|---|
/// | bonds | i, j | r₀, k |
/// | angles | i, j (vertex), k | θ₀, k |
/// | torsions, then impropers | i, j, k, l, highest multiple M | constant, then M times the factors of cos nφ and sin nφ |
/// | atoms, solvated only | – | R, ρ = R − offset, s = screen · ρ, k τ q², surface energy at B = R |
/// | reaches, solvated only | – | for each pair, in the order of the rows, the distance beyond which the atoms' spheres do not touch and s/r ≤ 0.45 for both |
/// | rows of pairs, one for each atom i | numbers of distant, 1–4 and silent pairs, then the partners j < i | for a distant or 1–4 pair: A, B, k_e q_i q_j, the largest 1/r² and 1/r that count (1 where A = B = 0 or q_i q_j = 0, else ∞), k τ q_i q_j; for a silent pair only the last |
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Conformations that are evaluated at once.
#define CK_LANES 8
/// Energies of one conformation, in this order: bonds, angles, proper and improper torsions, distant Lennard-Jones,
/// 1–4 Lennard-Jones, distant Coulomb, 1–4 Coulomb, polarization, surface area.
#define CK_LANE_TERMS 10

/// The code for a kind of CPU. Another than the best is for comparisons, and ends the program where the CPU lacks it.
typedef enum { ck_lanes_best, ck_lanes_avx512, ck_lanes_avx2, ck_lanes_baseline } ck_lane_target;

/// How many of everything a molecule has.
typedef struct {
  ck_lane_target target;
  int atoms, bonds, angles, torsions, impropers;
  /// Whether there is a generalized Born solvent.
  int solvated;
  /// Whether an atom wholly inside another one's sphere gets the volume of that sphere as well.
  int fills_inner_sphere;
  /// The constants of the Born radius (Onufriev, Bashford and Case 2004).
  double alpha, beta, gamma;
} ck_molecule;

/// Bytes of scratch memory, aligned to 64, that one call needs.
size_t ck_lanes_scratch(const ck_molecule *molecule);

/// Energies and forces of up to eight conformations.
///
/// @param coordinates [frames, atoms, 3]
/// @param terms [frames, CK_LANE_TERMS]
/// @param forces [frames, atoms, 3], or NULL
void ck_lanes_energies(const ck_molecule *molecule, const int32_t *indices, const double *parameters, int frames,
                       const double *coordinates, double *terms, double *forces, void *scratch);

/// What the integrator of eight chains needs to know.
typedef struct {
  double time_step, friction;
  uint64_t seed;
  /// The stream of the random numbers.
  uint32_t stream;
  /// The number of the first chain; the others follow.
  uint32_t first_chain;
} ck_langevin;

/// Steps of Langevin dynamics, v += Δt f/m, x += ½Δt v, v = c v + √(kT(1 − c²)/m) ξ, x += ½Δt v with c = exp(−γΔt):
/// the discretisation of Zhang et al. 2019, J. Phys. Chem. A 123, 6056.
///
/// The numbers ξ depend on (seed, stream, step, chain, coordinate) alone.
///
/// @param step number of steps before this call
/// @param masses [atoms]
/// @param thermal kT of each chain, [8]
/// @param x, v [atoms, 3, 8]; x and v (half a step behind x) are replaced
/// @param potential, kinetic [8], at the new x and of the new v
void ck_lanes_langevin(const ck_molecule *molecule, const int32_t *indices, const double *parameters,
                       const ck_langevin *langevin, uint64_t step, int steps, const double *masses,
                       const double *thermal, double *x, double *v, double *potential, double *kinetic, void *scratch);

/// Normal numbers ξ of one step of eight chains, [coordinates, 8].
void ck_lanes_normal(const ck_langevin *langevin, uint64_t step, int coordinates, double *out);

/// The functions that the energies are made of, for testing them.
typedef enum {
  ck_lane_exp,
  ck_lane_log,
  ck_lane_tanh,
  ck_lane_inverse_sqrt,
  ck_lane_reciprocal,
  /// Angle in 0 … π of a vector (x, √(1 − x²)).
  ck_lane_arccos,
  /// cos and sin of 2πx.
  ck_lane_cos_turn,
  ck_lane_sin_turn
} ck_lane_function;

/// out = function(in), element by element; `count` is a multiple of eight.
void ck_lanes_apply(ck_lane_target target, ck_lane_function function, size_t count, const double *in, double *out);

/// The best code that this CPU can run; not `ck_lanes_best`.
ck_lane_target ck_lanes_choice(void);
