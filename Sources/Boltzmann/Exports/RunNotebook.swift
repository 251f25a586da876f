import Reporting

/// A Jupyter notebook that draws `run.nc` of the folder that it lies in: energies, Ramachandran
/// maps and free energies, with weights.
///
/// It needs NumPy, xarray with netCDF4 or SciPy, and matplotlib.
/// - Parameter name: The molecule's.
func runNotebook(name: String) throws -> String {
  try jsonText(
    Notebook(cells: [
      .init(
        number: 1, kind: "markdown",
        """
        # \(name): samples of a flow, reweighted

        `run.nc` holds energies, densities, weights and torsions of every sample, and the same of
        the reference trajectory. Averages over the Boltzmann distribution are sums of `weight`
        times the quantity.
        """),
      .init(
        number: 2,
        """
        import os
        from pathlib import Path

        import matplotlib.pyplot as plt
        import numpy as np
        import xarray as xr

        folder = Path(os.environ.get("TARFLOW_EXPORT", "."))
        run = xr.open_dataset(folder / "run.nc")
        weight = run.weight.values
        has_reference = "frame" in run.dims
        effective = 1 / (weight**2).sum()
        print(run.attrs["title"])
        print(run.attrs["source"])
        title = f"\(name), {float(run.temperature):.0f} K, {effective:.0f} effective samples"
        print(f"{run.sizes['sample']} samples, worth {effective:.0f} independent ones")
        """),
      .init(
        number: 3,
        """
        \"\"\"Energies: the reweighted histogram has to lie on the reference.\"\"\"
        if has_reference:
            fig, axes = plt.subplots(1, 2, figsize=(11, 4))
            edges = np.append(run.bin_bounds[:, 0], run.bin_bounds[-1, 1])
            for ax, scale in zip(axes, ("linear", "log")):
                ax.stairs(run.reference_density, edges, fill=True, color="0.8", label="reference")
                ax.stairs(run.proposal_density, edges, color="#d55e00", ls="--", label="proposal")
                ax.stairs(run.reweighted_density, edges, color="#0072b2", label="reweighted")
                ax.set(xlabel="potential energy (kT)", ylabel="probability density (1/kT)",
                       yscale=scale)
                ax.legend()
            fig.suptitle(title)
            plt.show()
        """),
      .init(
        number: 4,
        """
        \"\"\"Ramachandran maps of every residue that has both torsions.\"\"\"
        def surface(phi, psi, weights):
            counts, _, _ = np.histogram2d(
                phi, psi, bins=48, range=[[-180, 180]] * 2, weights=weights)
            with np.errstate(divide="ignore"):
                return -np.log(counts.T / counts.max())

        residues = [r for r in range(run.sizes["residue"])
                    if "phi" in run and "psi" in run and not run.phi[:, r].isnull().all()
                    and not run.psi[:, r].isnull().all()]
        for r in residues:
            # A weight may be too small for a number beside the largest.
            drawn, kept = np.isfinite(run.log_weight.values), weight > 0
            maps = {"proposal": surface(run.phi[drawn, r], run.psi[drawn, r], None),
                    "reweighted": surface(run.phi[kept, r], run.psi[kept, r], weight[kept])}
            if has_reference:
                phi, psi = run.reference_phi[:, r], run.reference_psi[:, r]
                maps = {"reference": surface(phi, psi, None)} | maps
            fig, axes = plt.subplots(
                1, len(maps), figsize=(4 * len(maps), 3.6), layout="constrained")
            for ax, (part, values) in zip(axes, maps.items()):
                image = ax.imshow(values, origin="lower", extent=[-180, 180] * 2, vmin=0, vmax=8,
                                  cmap="viridis_r")
                ax.set(title=part, xlabel="φ (°)", ylabel="ψ (°)")
            fig.colorbar(image, ax=axes, label="free energy (kT)")
            label = run.residue_name.values[r]
            label = (label.decode() if isinstance(label, bytes) else str(label)).strip()
            fig.suptitle(f"{label}{r + 1} of {title}")
            plt.show()
        """),
      .init(
        number: 5,
        """
        \"\"\"Free energies along the torsions, from the weights and as the program has them.\"\"\"
        worst = 0.0
        edges = np.linspace(-180, 180, run.sizes["angle"] + 1)
        for kind in [k for k in ("phi", "psi", "chi1") if k in run]:
            for r in range(run.sizes["residue"]):
                values = run[kind].values[:, r]
                kept = np.isfinite(values) & (weight > 0)
                if not kept.any():
                    continue
                # numpy.histogram takes differences of sums, which small weights vanish in.
                place = np.clip(np.digitize(values[kept], edges) - 1, 0, len(edges) - 2)
                share = np.bincount(place, weights=weight[kept], minlength=len(edges) - 1)
                with np.errstate(divide="ignore"):
                    own = np.where(share > 0, -np.log(share / share.max()), np.nan)
                given = run[f"free_energy_{kind}"].values[r]
                assert (np.isnan(own) == np.isnan(given)).all()
                worst = max(worst, np.nanmax(np.abs(own - given)))
                fig, ax = plt.subplots(figsize=(6, 3.4))
                ax.plot(run.angle, own, color="#0072b2", label="reweighted")
                if has_reference:
                    ax.plot(run.angle, run[f"reference_free_energy_{kind}"][r], color="0.4",
                            ls="--", label="reference")
                ax.set(title=f"{kind} of residue {r + 1}, {title}",
                       xlabel=f"{kind} (°)", ylabel="free energy (kT)", xlim=(-180, 180))
                ax.legend()
                plt.show()
        print(f"largest difference from the program's free energies: {worst:.1e} kT")
        assert worst < 1e-9
        """),
    ]))
}

private struct Notebook: Encodable {
  struct Cell: Encodable {
    let kind, id: String
    let metadata: [String: String]
    let source: [String]
    /// Of code alone, which has not run.
    let outputs: [String]?

    init(number: Int, kind: String = "code", _ text: String) {
      (self.kind, id, metadata) = (kind, "cell-\(number)", [:])
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      source = lines.enumerated().map { $1 + ($0 < lines.count - 1 ? "\n" : "") }
      outputs = kind == "code" ? [] : nil
    }

    private enum Key: String, CodingKey {
      case id, metadata, source, outputs
      case kind = "cell_type"
      case executions = "execution_count"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(kind, forKey: .kind)
      try container.encode(id, forKey: .id)
      try container.encode(metadata, forKey: .metadata)
      try container.encode(source, forKey: .source)
      if let outputs {
        try container.encode(outputs, forKey: .outputs)
        try container.encodeNil(forKey: .executions)
      }
    }
  }

  let cells: [Cell]
  let metadata = [
    "kernelspec": ["display_name": "Python 3", "language": "python", "name": "python3"]
  ]
  let nbformat = 4
  let minor = 5

  private enum CodingKeys: String, CodingKey {
    case cells, metadata, nbformat
    case minor = "nbformat_minor"
  }
}
