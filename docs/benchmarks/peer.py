"""What torch_flow.py and jax_flow.py share: the command line, the timing and the line of JSON."""
import argparse, json, resource, statistics, time


def parser(description):
    p = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("work", choices=["train", "sample", "memory"])
    for name, value in dict(tokens=33, features=3, width=256, blocks=6, layers=6, head=64, batch=64, threads=2, repeats=5).items():
        p.add_argument(f"--{name}", type=int, default=value)
    p.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    return p


def measure(o, step, parameters, **version):
    """Times step(), which returns when all is computed, and prints the line. The first call compiles and warms up; it is not counted."""
    with open("/proc/self/oom_score_adj", "w") as adjustment:  # where memory runs out, end this process and no other
        adjustment.write("1000")
    step()
    times = []
    for _ in range(o.repeats):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    median = statistics.median(times)
    operations = (2 if o.work == "sample" else 6) * parameters * o.tokens * o.batch
    print(json.dumps(dict(vars(o), **version, parameters=parameters, seconds_best=min(times), seconds_median=median,
                          samples_per_second=o.batch / median, gflops=operations / median / 1e9,
                          peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)))
