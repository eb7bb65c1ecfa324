"""Commands killed at a random moment, whole or a process of theirs, and run again until they are done."""

from __future__ import annotations

from faults.command import Failure, Running
from faults.ground import Trial, timed

COMMANDS = ("ingest", "compact", "reindex", "monitor")
AGAIN = 0.3
"""Share of killed commands that are killed a second time when they are run again."""

_TRIES = 6


def kill(trial: Trial) -> str:
    """Kill a command, finish it, and hold the lake to the untouched one."""
    command = COMMANDS[trial.number % len(COMMANDS)]
    base = trial.ground.base({"monitor": "watched", "compact": "crowded"}.get(command, "plain"))
    arguments: tuple[object, ...] = (command,)
    if command == "monitor":
        arguments = trial.ground.watch
    elif command == "ingest":
        arguments = ("ingest", *trial.ground.inputs.all)
    if command != "ingest" or trial.rng.random() < 0.5:
        trial.copy(base.older if command in ("ingest", "monitor") else base.lake)
    single = trial.rng.random() < 0.25
    for _ in range(1 + (trial.rng.random() < AGAIN)):
        _killed(trial, arguments, single)
    for _ in range(3):
        done = trial.run(*arguments).judged(0, 1, 3)
        timed(trial.ground, command, done.seconds)
        if done.status != 1:
            break
        trial.note(str(done))
    else:
        raise Failure("exit", f"fails again and again: {done}")
    if command == "compact":
        base = trial.ground.base("settled")
    trial.holds(base.says, base.watched)
    found = trial.do("doctor").judged(0, 1, 3)
    if found.status == 1:
        raise Failure("grave", str(found))
    if found.status == 3:
        trial.note(str(found))
        trial.do("compact").judged(0)
        if (left := trial.do("doctor").judged(0, 1, 3)).status:
            raise Failure("not mended", str(left))
    trial.works(base, ["ingest"])
    return "equal"


def _killed(trial: Trial, arguments: tuple[object, ...], single: bool) -> None:
    """Kill the command, or a process below it, at a moment between its start and its end."""
    longest = trial.ground.seconds.get(str(arguments[0]), 4.0)
    for _ in range(_TRIES):
        moment = trial.rng.uniform(0.02, 1.0) * longest
        running = Running(trial.place, *arguments, "--lake", trial.lake)
        if running.lasts(moment):
            break
        running.done().judged()
        longest *= 0.7
    else:
        return
    children = running.children() if single else []
    if children:
        one = trial.rng.choice(children)
        trial.note(
            f"{arguments[0]}: process {children.index(one) + 1} of {len(children)} below it killed after {moment:.2f} s"
        )
        running.kill_below(one)
        trial.note(str(running.done().judged(0, 1, 3)))
    else:
        trial.note(f"{arguments[0]} killed after {moment:.2f} s")
        running.kill()
