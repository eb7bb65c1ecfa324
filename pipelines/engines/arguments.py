"""Which options of Beam a run on an engine has, and what of a command line are such options."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

FLINK = "flink"

POOL = "localhost:50000"
"""Where a Flink worker finds the pool that starts Python workers, as a container beside it has it."""

CHECKPOINT_MS = 10_000

_ADDRESS = re.compile(r"(?:https?://)?(?:[A-Za-z0-9._-]+|\[[0-9a-fA-F:]+\]):[0-9]{1,5}")
_OPTION = re.compile(r"--[a-z][a-z0-9_]*(?:=.*)?", re.DOTALL)


class Engine(NamedTuple):
    """What a job is sent to.

    Attributes:
        runner: the name of a runner of Beam's, or `flink`.
        address: host and port of Flink's REST interface; empty for others.
        options: options of Beam, as words of a command line.
    """

    runner: str
    address: str = ""
    options: Sequence[str] = ()


def parted(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part the words after a command's own options into what they name and the options of Beam among them.

    A path that begins with two dashes is to be written with its folder, such as `./--odd`.
    """
    options = [word for word in words if word.startswith("--")]
    return [word for word in words if not word.startswith("--")], options


def engine(runner: str, address: str | None, options: Sequence[str]) -> Engine:
    """Return what a job is sent to. Raises ValueError where the options do not go together."""
    if wrong := [word for word in options if not _OPTION.fullmatch(word)]:
        raise ValueError(f"{wrong[0]!r} is no option of Beam's: write --name=value")
    if runner == FLINK and address is None:
        raise ValueError("say where Flink is: --engine host:8081")
    if runner != FLINK and address is not None:
        raise ValueError(f"--engine goes with --runner flink; say where {runner} runs by its options after --")
    if address is not None and not _ADDRESS.fullmatch(address):
        raise ValueError(f"{address!r} is no address such as host:8081")
    return Engine(runner, address or "", tuple(options))


def beam_options(
    engine: Engine, job_name: str, flink_version: str = "", slots: int = 0, bounded: bool = True
) -> list[str]:
    """Return the words that Beam's own options are made of; what the user says comes last, and so holds.

    A job on Flink takes all slots of the cluster: a worker of its own for each.
    """
    if engine.runner != FLINK:
        return [f"--runner={engine.runner}", f"--job_name={job_name}", *engine.options]
    return [
        "--runner=FlinkRunner",
        f"--job_name={job_name}",
        f"--flink_master={engine.address}",
        *([f"--flink_version={flink_version}"] if flink_version else []),
        *([f"--parallelism={slots}"] if slots else []),
        "--environment_type=EXTERNAL",
        f"--environment_config={POOL}",
        "--streaming",
        f"--checkpointing_interval={CHECKPOINT_MS}",
        *(["--shutdown_sources_after_idle_ms=0"] if bounded else []),
        "--job_server_timeout=240",
        *engine.options,
    ]


def is_streaming(engine: Engine) -> bool:
    """Say whether a job runs as a stream, and so may commit before its input ends."""
    return engine.runner == FLINK or "--streaming" in engine.options


def name_of(command: str, lake: str) -> str:
    """Return the name of a command's job over a lake, the same whenever it is run."""
    from wirecopy.transforms.hashing import blake2b_128

    return f"wirecopy-{command}-{blake2b_128(lake.encode()).hex()[:12]}"
