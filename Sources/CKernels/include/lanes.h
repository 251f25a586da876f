/// The potential energy of eight conformations of one molecule at once, one in each lane of a
/// vector of doubles, and Langevin dynamics on it.
///
/// Units: nm, ps, u, kJ/mol, e, K, rad.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Conformations that are evaluated at once, a group.
#define CK_LANES 8
/// Groups that move at once, at most.
#define CK_GROUPS 2

/// The terms of the energy, in the order of the arrays that hold them.
typedef enum {
  ck_term_bond,
  ck_term_angle,
  ck_term_proper_torsion,
  ck_term_improper_torsion,
  ck_term_cmap,
  ck_term_distant_lennard_jones,
  ck_term_lennard_jones_14,
  ck_term_distant_coulomb,
  ck_term_coulomb_14,
  ck_term_polarization,
  ck_term_surface_area,
  /// How many there are.
  CK_LANE_TERMS
} ck_term;

/// ½ k (r − r₀)² of the atoms i and j: `length` is r₀, `stiffness` k.
typedef struct {
  int32_t i, j;
  double length, stiffness;
} ck_bond;

/// ½ k (θ − θ₀)² of the atoms i, j, k with the vertex j: `angle` is θ₀, `stiffness` k.
typedef struct {
  int32_t i, j, k;
  double angle, stiffness;
} ck_angle;

/// The factors of cos nφ and sin nφ.
typedef struct {
  double cosine, sine;
} ck_harmonic;

/// `constant` + Σ_n (a_n cos nφ + b_n sin nφ) about the bond j–k, proper or improper; n = 1, 2, …
/// are the molecule's harmonics `first_harmonic`, `first_harmonic` + 1, ….
typedef struct {
  int32_t i, j, k, l;
  int32_t first_harmonic, harmonics;
  double constant;
} ck_dihedral;

/// A correction of the torsions i–j–k–l, φ, and j–k–l–m, ψ, by a map of `size` by `size` cells: cell
/// (a, b) begins at φ = −π + 2π a/size, ψ = −π + 2π b/size, and has the 16 factors of uᵖ vᵠ, q
/// fastest, at `cells` + 16 (a size + b); u and v go from 0 to 1 through the cell.
typedef struct {
  int32_t i, j, k, l, m;
  int32_t size;
  const double *cells;
} ck_cmap;

/// What the solvent needs of an atom.
typedef struct {
  /// R; ρ = R − offset; s = screen · ρ.
  double radius, reduced, scaled;
  /// k τ q², with salt k q²/ε_in, and the surface energy where the Born radius is R.
  double self_polarization, surface_energy;
  /// The constants of the Born radius (Onufriev, Bashford and Case 2004).
  double alpha, beta, gamma;
} ck_born_atom;

/// The neck between two atoms, which adds m/(1 + 100 (r − d)² + 3·10⁵ (r − d)⁶) to the integral of
/// each up to the distance `reach`: m and d for the later atom, then for the one before.
typedef struct {
  double first_size, first_distance, second_size, second_distance;
  double reach;
} ck_neck;

/// The interaction of two atoms.
typedef struct {
  /// A, B and k_e q_i q_j.
  double repulsion, attraction, coulomb;
  /// The largest 1/r² and 1/r that count: 1 where A = B = 0, or q_i q_j = 0; else ∞.
  double largest_inverse_square, largest_inverse;
  /// k τ q_i q_j; with salt k q_i q_j/ε_in.
  double polarization;
} ck_pair;

/// How many pairs an atom has with those before it: first the distant ones, then those of atoms
/// three bonds apart, whose parameters are scaled, then the ones that are excluded and count for
/// the solvent only.
typedef struct {
  int32_t distant, scaled, excluded;
} ck_row;

/// A sphere of radius s at distance r is far where s/r is at most this: the range for which the
/// polynomial `far_shape` (lanes_math.h) is fitted.
#define CK_FAR_RATIO 0.45

/// The code for a kind of CPU. Another than the best is for comparisons, and ends the program where
/// the CPU lacks it.
typedef enum { ck_lanes_best, ck_lanes_avx512, ck_lanes_avx2, ck_lanes_baseline } ck_lane_target;

/// A molecule. The arrays belong to the caller.
typedef struct {
  ck_lane_target target;
  int atom_count, bond_count, angle_count, torsion_count, improper_count, cmap_count;
  const ck_bond *bonds;
  const ck_angle *angles;
  const ck_dihedral *torsions, *impropers;
  const ck_harmonic *harmonics;
  const ck_cmap *cmaps;
  /// For each atom the numbers of its pairs.
  const ck_row *rows;
  /// The pairs of all rows, one row after another, in three arrays, since not every pass needs all
  /// of them: the atom before; the interaction; the distance from which on the spheres of the two
  /// atoms do not touch and are far (`CK_FAR_RATIO`).
  const int32_t *partners;
  const ck_pair *pairs;
  const double *reaches;
  /// For each atom; NULL without a generalized Born solvent.
  const ck_born_atom *born_atoms;
  /// For each pair; NULL where the solvent has no necks.
  const ck_neck *necks;
  /// Whether an atom wholly inside another one's sphere gets the volume of that sphere as well. Not
  /// with necks or salt.
  int fills_inner_sphere;
  /// Whether the Born radius is 1/(1/ρ − I), without a function of the integral.
  int plain_radii;
  /// κ, and ε_in/ε_out, by which the salt screens: 0 without salt.
  double inverse_debye_length, dielectric_ratio;
} ck_molecule;

/// Bytes of scratch memory, aligned to 64, that one call needs.
size_t ck_lanes_scratch(const ck_molecule *molecule);

/// Energies and forces of up to eight conformations.
///
/// @param coordinates [frames, atoms, 3]
/// @param terms [frames, CK_LANE_TERMS]
/// @param forces [frames, atoms, 3], or NULL
void ck_lanes_energies(const ck_molecule *molecule, int frames, const double *coordinates, double *terms,
                       double *forces, void *scratch);

/// What the integrator of walkers needs to know.
typedef struct {
  double time_step, friction;
  uint64_t seed;
  /// The stream of the random numbers.
  uint32_t stream;
  /// The number of the first walker; the others follow.
  uint32_t first_walker;
} ck_langevin;

/// Groups of eight walkers.
typedef struct {
  /// kT, [groups, 8].
  const double *thermal;
  /// [groups, atoms, 3, 8]; v is half a step behind x.
  double *x, *v;
  /// Potential energy at x and kinetic energy of v, [groups, 8].
  double *potential, *kinetic;
} ck_walkers;

/// Steps of Langevin dynamics, v += Δt f/m, x += ½Δt v, v = c v + √(kT(1 − c²)/m) ξ, x += ½Δt v
/// with c = exp(−γΔt): the discretisation of Zhang et al. 2019, J. Phys. Chem. A 123, 6056.
///
/// The numbers ξ depend on (seed, stream, step, walker, coordinate) alone. The forces between pairs of
/// atoms are computed in single precision, to about 1e-6 of the root mean square force, everything
/// else, the energies among it, in double. A walker moves the same whichever group moves beside it.
///
/// @param masses [atoms]
/// @param walkers everything but kT is replaced
/// @param groups how many, 1 … CK_GROUPS
/// @param step number of steps before this call
void ck_lanes_langevin(const ck_molecule *molecule, const ck_langevin *langevin, const double *masses,
                       const ck_walkers *walkers, int groups, uint64_t step, int steps, void *scratch);

/// Normal numbers ξ of one step of eight walkers, [coordinates, 8].
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
