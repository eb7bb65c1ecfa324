"""A Flink cluster of processes on this machine: a JobManager, TaskManagers, and the pool that starts Python workers."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from install import EXPORTED, OPENED

JOB_MANAGER = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
TASK_MANAGER = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"
SLOTS = 2
TRIES = 3
START_S = 90.0
MB = 1 << 20

_JAVA = [
    "java",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    *(f"--add-opens={package}=ALL-UNNAMED" for package in OPENED.split()),
    *(f"--add-exports={package}=ALL-UNNAMED" for package in EXPORTED.split()),
]


class SlowStartError(Exception):
    """The cluster did not come up in time, as may happen on a busy machine."""


@dataclass
class Cluster:
    """A running cluster.

    Attributes:
        engine: the folder that `make engine` filled.
        work: a folder for its configuration, logs and checkpoints.
        rest: port of its REST interface.
        pool: port of the pool of Python workers.
        processes: its processes by name.
    """

    engine: Path
    work: Path
    rest: int
    pool: int
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.rest}"

    @property
    def options(self) -> list[str]:
        """Options of Beam that a command beside this cluster needs."""
        return [
            f"--flink_job_server_jar={self.engine / 'job-server.jar'}",
            f"--environment_config=127.0.0.1:{self.pool}",
        ]

    def ask(self, path: str) -> dict:
        with urllib.request.urlopen(f"http://{self.address}{path}", timeout=10) as reply:
            return json.load(reply)

    def java(self, name: str, main: str, heap_mb: int, *arguments: str) -> None:
        command = [*_JAVA, f"-Xmx{heap_mb}m", "-cp", f"{self.engine}/lib/*", main]
        self.start(name, [*command, "--configDir", str(self.work / "conf"), *arguments])

    def start(self, name: str, command: list[str], **environment: str) -> None:
        with (self.work / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, stdout=log, stderr=log, env=os.environ | environment, start_new_session=True
            )

    def task_manager(self, name: str) -> None:
        self.java(name, TASK_MANAGER, 500, "-D", f"taskmanager.resource-id={name}")

    def kill(self, name: str) -> None:
        """End a process at once, and those that it started."""
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def await_slots(self, slots: int) -> None:
        """Wait until so many slots are there. Raises SlowStartError."""
        began = time.monotonic()
        while time.monotonic() - began < START_S:
            with contextlib.suppress(OSError, ValueError):
                if self.ask("/overview")["slots-total"] >= slots and _listens(self.pool):
                    return
            if dead := [name for name, process in self.processes.items() if process.poll() is not None]:
                raise SlowStartError(f"{dead[0]} ended; see {self.work / dead[0]}.log")
            time.sleep(0.5)
        raise SlowStartError(f"no {slots} slots within {START_S:g} s")


@contextlib.contextmanager
def running(engine: Path, work: Path, task_managers: int = 1) -> Iterator[Cluster]:
    """Give a cluster, started anew where it does not come up; it has ended when the block has.

    SIGTERM interrupts this process, so that the cluster ends with it. Raises SlowStartError where it does not come up
    in so many tries.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for trial in range(TRIES):
        cluster = Cluster(engine.absolute(), work / f"cluster-{trial}", _free_port(), _free_port())
        try:
            _configure(cluster)
            cluster.java("jobmanager", JOB_MANAGER, 500, "--executionMode", "cluster")
            for n in range(1, task_managers + 1):
                cluster.task_manager(f"taskmanager-{n}")
            path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # the pool starts `python`, whichever that is
            pool = ["-m", "apache_beam.runners.worker.worker_pool_main", f"--service_port={cluster.pool}"]
            cluster.start("pool", [sys.executable, *pool], PATH=path)
            cluster.await_slots(SLOTS * task_managers)
        except SlowStartError as error:
            _end(cluster)
            print(f"the engine is slow to start (try {trial + 1} of {TRIES}): {error}", file=sys.stderr)
            continue
        try:
            yield cluster
        finally:
            _end(cluster)
        return
    raise SlowStartError(f"the engine did not start in {TRIES} tries; its logs are in {work}")


def _configure(cluster: Cluster) -> None:
    ports = iter([_free_port() for _ in range(2)])
    settings = {
        "jobmanager.rpc.address": "127.0.0.1",
        "jobmanager.rpc.port": next(ports),
        "jobmanager.bind-host": "127.0.0.1",
        "jobmanager.memory.process.size": "1200m",
        "blob.server.port": next(ports),
        "rest.address": "127.0.0.1",
        "rest.bind-address": "127.0.0.1",
        "rest.port": cluster.rest,
        "taskmanager.bind-host": "127.0.0.1",
        "taskmanager.host": "127.0.0.1",
        "taskmanager.numberOfTaskSlots": SLOTS,
        "taskmanager.cpu.cores": float(SLOTS),
        "taskmanager.memory.framework.heap.size": f"{128 * MB}b",
        "taskmanager.memory.framework.off-heap.size": f"{128 * MB}b",
        "taskmanager.memory.task.heap.size": f"{300 * MB}b",
        "taskmanager.memory.task.off-heap.size": "0b",
        "taskmanager.memory.managed.size": f"{64 * MB}b",
        "taskmanager.memory.network.min": f"{192 * MB}b",
        "taskmanager.memory.network.max": f"{192 * MB}b",
        "taskmanager.memory.jvm-metaspace.size": f"{256 * MB}b",
        "taskmanager.memory.jvm-overhead.min": f"{192 * MB}b",
        "taskmanager.memory.jvm-overhead.max": f"{192 * MB}b",
        "taskmanager.network.sort-shuffle.min-buffers": 64,
        "external-resources": "none",
        "parallelism.default": SLOTS,
        "classloader.resolve-order": "parent-first",
        "state.backend.type": "hashmap",
        "state.checkpoints.dir": f"file://{cluster.work}/checkpoints",
        "state.savepoints.dir": f"file://{cluster.work}/savepoints",
        "restart-strategy.type": "fixed-delay",
        "restart-strategy.fixed-delay.attempts": 20,
        "restart-strategy.fixed-delay.delay": "1s",
        "heartbeat.interval": 2000,
        "heartbeat.timeout": 20000,
        "pekko.startup-timeout": "120s",
        "pekko.ask.timeout": "60s",
        "io.tmp.dirs": f"{cluster.work}/tmp",
    }
    for folder in ("conf", "tmp"):
        (cluster.work / folder).mkdir(parents=True)
    lines = [f"{name}: {value}\n" for name, value in settings.items()]
    (cluster.work / "conf" / "config.yaml").write_text("".join(lines))


def _end(cluster: Cluster) -> None:
    for name in reversed(list(cluster.processes)):
        cluster.kill(name)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
