#!/usr/bin/env python3
"""Runs a command on two ranks of Open MPI with a slow network between them; needs root.

    python3 docs/benchmarks/network.py --delay-ms 0.5 --gbit 1 -- PROGRAM ARGUMENTS…

Each rank is in a network namespace of its own. This process carries the packets from one to the
other: each leaves when those before it have left at the rate, and arrives after the delay."""

import argparse
import collections
import fcntl
import os
import select
import struct
import subprocess
import sys
import tempfile
import threading
import time

parser = argparse.ArgumentParser()
parser.add_argument("--delay-ms", type=float, default=0.0)
parser.add_argument("--gbit", type=float, default=10.0)
parser.add_argument("--mpirun", default="mpirun")
parser.add_argument("command", nargs="+")
options = parser.parse_args()

NAMES = [f"tarflow-{os.getpid()}-{rank}" for rank in range(2)]
ADDRESSES = ["10.213.0.1", "10.213.0.2"]


def system(*words):
    subprocess.run(words, check=True)


def tunnel(name, address, namespace):
    """A network device in a namespace, whose packets this process reads and writes."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    # TUNSETIFF; packets of IP without a header of their own.
    fcntl.ioctl(descriptor, 0x400454CA, struct.pack("16sH22x", name.encode(), 0x1001))
    system("ip", "link", "set", name, "netns", namespace)
    inside = ["ip", "netns", "exec", namespace, "ip"]
    system(*inside, "addr", "add", f"{address}/24", "dev", name)
    system(*inside, "link", "set", name, "mtu", "32000", "txqueuelen", "10000", "up")
    system(*inside, "link", "set", "lo", "up")
    return descriptor


def carry(descriptors):
    """Takes packets from either device to the other, until the devices are gone."""
    # Before the ranks, which wait at full speed.
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), -15)
    waiting = [collections.deque(), collections.deque()]
    free = [0.0, 0.0]
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    while True:
        now = time.monotonic()
        due = min((queue[0][0] for queue in waiting if queue), default=now + 1)
        if due > now:
            poll.poll(max(0, (due - now) * 1000 - 0.05))
        for side, descriptor in enumerate(descriptors):
            for _ in range(64):
                try:
                    packet = os.read(descriptor, 65536)
                except BlockingIOError:
                    break
                except OSError:
                    return
                free[side] = max(free[side], time.monotonic()) + len(packet) * 8 / (options.gbit * 1e9)
                waiting[side].append((free[side] + options.delay_ms / 1000, packet))
            now = time.monotonic()
            while waiting[side] and waiting[side][0][0] <= now:
                try:
                    os.write(descriptors[1 - side], waiting[side][0][1])
                except BlockingIOError:
                    break
                waiting[side].popleft()


created = []
try:
    for name in NAMES:
        system("ip", "netns", "add", name)
        created.append(name)
    descriptors = [tunnel(f"tarflow{rank}", ADDRESSES[rank], NAMES[rank]) for rank in range(2)]
    threading.Thread(target=carry, args=[descriptors], daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        agent = os.path.join(folder, "agent")
        with open(agent, "w") as file:
            file.write(f'#!/bin/sh\nshift\nexec ip netns exec {NAMES[1]} sh -c "$*"\n')
        os.chmod(agent, 0o755)
        environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
        network = "10.213.0.0/24"
        result = subprocess.run(
            ["ip", "netns", "exec", NAMES[0], options.mpirun, "-n", "2", "--bind-to", "none",
             "-H", ",".join(f"{address}:1" for address in ADDRESSES),
             "--mca", "plm_rsh_agent", agent, "--mca", "btl", "tcp,self", "--mca", "pml", "ob1",
             "--mca", "btl_tcp_if_include", network, "--mca", "oob_tcp_if_include", network,
             *options.command], env=environment)
        sys.exit(result.returncode)
finally:
    for name in created:
        subprocess.run(["ip", "netns", "del", name])
