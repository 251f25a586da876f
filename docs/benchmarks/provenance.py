"""Where a measurement comes from: the processor and the commit."""
import os, pathlib, platform, subprocess

root = pathlib.Path(__file__).resolve().parents[2]


def git(*arguments):
    return subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True, check=True).stdout.strip()


def machine():
    """The processor's name, how many of it may be used, and its matrix unit if it has one."""
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    facts = {name.strip(): value.strip() for name, value in (line.split(":", 1) for line in lines if ":" in line)}
    units = [name for name in ("avx512f", "avx512_bf16", "amx_bf16") if name in facts.get("flags", "").split()]
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores of {facts.get('model name', platform.machine())} ({', '.join(units) or 'no AVX-512'})"


def commit():
    """The commit of the work tree, with "-changed" where the tree differs from it."""
    name = git("rev-parse", "--short", "HEAD")
    return name + "-changed" if git("status", "--porcelain", "--untracked-files=no") else name
