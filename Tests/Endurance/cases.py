"""The commands under test, with settings so small that each takes a second or two."""

TRAINING = [
    "training.batch=16", "training.checkpoint_every=4", "training.validate_every=4",
    "training.steps=12", "flow.width=32", "flow.layers=1",
]
MOLECULES = TRAINING + [
    "training.warm_up=2", "flow.components=2", "energies.first_step=4", "energies.drawn=16",
    "energies.draw_every=4", "sampling.count=32", "evaluation.count=32", "evaluation.torus_points=16", "evaluation.seeds=1",
]
IMAGES = TRAINING + [
    "training.warm_up_epochs=0", "flow.head_width=32", "flow.blocks=1", "sampling.count=10",
    "training.held_out=20",
]
SIMULATION = ["--time", "0.5ps", "--equilibration", "0.1ps"]


def settings(values):
    return [word for value in values for word in ("--set", value)]


class Case:
    """A command, the folder that it fills, and what to do after a stop.

    `folder` is where it writes. `resume` goes on from there; without one the same command is given
    again, with --overwrite where it says that its output exists. `before` makes what has to be
    there. Files of a set in `sets` are all old, all new, or not there; a name that ends in a slash
    is a folder with all that it holds."""

    def __init__(self, name, first, resume=None, folder="out", before=(), sets=(), slow=False):
        self.name, self.first, self.resume, self.folder = name, first, resume, folder
        self.before, self.sets, self.slow = before, sets, slow


# What several commands begin with.
FRAMES = ["simulate", "AL2", "--time", "2ps", "--equilibration", "2ps", "--save-every", "0.1ps",
          "--output", "frames"]
RUN = ["train", "AL2", "--training", "frames/trajectory.nc", "--output", "out",
       *settings(MOLECULES)]
SAMPLES = ["samples.nc", "samples.json", "weights.csv"]
FIGURES = ["evaluation.json", "histograms.csv"]
REPORT = ["report.html", "report/"]
SIMULATED = ["--output", "out"]

CASES = [
    Case("train", RUN, ["train", "--resume", "out"], before=[FRAMES],
         sets=[SAMPLES, FIGURES, REPORT]),
    Case("simulate", ["simulate", "AL2", *SIMULATION, "--save-every", "0.02ps", "--chains", "4",
                      *SIMULATED],
         ["simulate", "--resume", "out"], sets=[REPORT]),
    Case("simulate auto",
         ["simulate", "AL2", *SIMULATION, "--save-every", "0.05ps", "--temperatures", "auto",
          "--chains", "2", "--set", "frames_of_every_rung=true", *SIMULATED],
         ["simulate", "--resume", "out"], sets=[REPORT]),
    # The report of the shorter time goes, file by file.
    Case("lengthen",
         ["simulate", "--resume", "out", "--time", "0.5ps"],
         ["simulate", "--resume", "out", "--time", "0.5ps"],
         before=[["simulate", "AL2", "--time", "0.2ps", "--equilibration", "0.1ps",
                  "--save-every", "0.02ps", "--chains", "4", *SIMULATED]]),
    Case("train --simulate",
         ["train", "AL2", "--simulate", "8ps", "--output", "out", *settings(MOLECULES)],
         ["train", "--resume", "out"], sets=[SAMPLES, FIGURES, REPORT]),
    Case("train --from energy",
         ["train", "AL2", "--from", "energy", "--output", "out", *settings(MOLECULES)],
         ["train", "--resume", "out"], sets=[SAMPLES, REPORT], slow=True),
    Case("image train", ["image", "train", "digits", "--output", "out", *settings(IMAGES)],
         ["image", "train", "--resume", "out"], sets=[REPORT]),
    Case("sample", ["sample", "AL2", "-n", "40", "--seed", "3", "--output", "out"],
         sets=[SAMPLES]),
    Case("merge", ["merge", "first", "second", "--output", "out"],
         before=[["sample", "AL2", "-n", "40", "--seed", "3", "--shard", shard,
                  "--output", folder] for shard, folder in (("1/2", "first"), ("2/2", "second"))],
         sets=[SAMPLES]),
    Case("sample in a run", ["sample", "out", "-n", "48", "--seed", "9", "--overwrite"],
         before=[FRAMES, RUN], sets=[SAMPLES]),
    Case("reweight", ["reweight", "out", "--clip", "0.1"], before=[FRAMES, RUN],
         sets=[["weights.csv", "weights.json"]]),
    Case("evaluate", ["evaluate", "out", "--resample", "systematic", "--overwrite"],
         before=[FRAMES, RUN], sets=[FIGURES, REPORT]),
    Case("report", ["report", "out"],
         before=[FRAMES, RUN, ["evaluate", "out", "--resample", "systematic", "--overwrite"],
                 ["sample", "out", "-n", "48", "--seed", "9", "--overwrite"]],
         sets=[REPORT]),
    Case("export", ["export", "out", "--to", "exported", "--bins", "20", "--overwrite"],
         folder="exported",
         before=[FRAMES, RUN, ["export", "out", "--to", "exported", "--bins", "30"],
                 ["sample", "out", "-n", "48", "--seed", "9", "--overwrite"]],
         sets=[["samples.nc", "weights.csv", "ensemble.dcd", "ensemble.pdb", "run.nc",
                "histograms.csv", "checksums.sfv"]]),
    Case("analyze", ["analyze", "out", "--surfaces", "surfaces", "--overwrite"],
         folder="surfaces",
         before=[FRAMES, RUN, ["analyze", "out", "--surfaces", "surfaces"],
                 ["sample", "out", "-n", "48", "--seed", "9", "--overwrite"]],
         sets=[["./"]]),
    Case("build", ["build", "Ace-A-Nme", "--output", "out"], sets=[["./"]]),
]
