"""Workers: in order, on every core, and only the document that is to blame is lost."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

import pytest
from worktasks import echo

from wirecopy.schemas.elements import Document, Reject
from wirecopy.transforms.extract.workers import Pool


def batches(*batches: Sequence[str]):
    return [[Document("0" * 32, i, f"doc{text}", "text", text) for i, text in enumerate(batch)] for batch in batches]


def flat(results):
    """What came back, in order: contents of documents, and the reasons of rejects."""
    found = []
    for batch in results:
        for result in batch:
            found += [(result.doc_ref, result.reason)] if isinstance(result, Reject) else result
    return found


def pool(**limits):
    return Pool(echo, 2, **{"batch_deadline_s": 20, "document_deadline_s": 1.0} | limits)


def test_results_come_in_the_order_of_the_batches():
    with pool() as workers:
        assert flat(workers.map(batches(["a", "b"], ["slow"], ["c", "d"], ["e"], ["f"]))) == [
            "a",
            "b",
            "slow",
            "c",
            "d",
            "e",
            "f",
        ]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [("hang", "timeout"), ("spin", "timeout"), ("die", "crash"), ("raise", "crash"), ("grow", "crash")],
)
def test_only_the_document_to_blame_is_lost(bad, reason):
    with pool(batch_deadline_s=1.0) as workers:
        found = flat(workers.map(batches(["a", bad, "b"], ["c"], ["d", "e"])))
    assert found == ["a", (f"doc{bad}", reason), "b", "c", "d", "e"]


def test_the_last_batches_are_shared_among_the_workers_and_lose_no_more_than_others():
    with pool(batch_deadline_s=1.0) as workers:
        [parts] = workers.map(batches(["a", "b", "c", "d", "e", "f", "hang", "g", "h"]))
    assert flat([parts]) == ["a", "b", "c", "d", "e", "f", ("dochang", "timeout"), "g", "h"]
    assert len(parts) == 6


def test_others_go_on_while_one_waits(tmp_path):
    with pool(document_deadline_s=600, batch_deadline_s=600) as workers:
        given = [f"await {tmp_path / 'mark'}", "x", "y", f"mark {tmp_path / 'mark'}"]
        assert flat(workers.map(batches(*([one] for one in given)))) == given


def test_one_that_gets_no_core_is_not_late(tmp_path):
    """A worker of the lowest priority beside processes that take all cores, for longer than one may stand still."""
    with pool(document_deadline_s=1.0) as workers:
        results = workers.map(batches([f"starve {tmp_path / 'begun'}"]))
        busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2 * os.cpu_count())]
        ended = threading.Thread(target=_end_once, args=(tmp_path / "begun", 6 * 1.0, busy))
        ended.start()
        try:
            assert flat(results) == [f"starve {tmp_path / 'begun'}"]
        finally:
            (tmp_path / "begun").touch()
            ended.join()


def _end_once(begun, seconds, busy):
    while not begun.exists():
        time.sleep(0.05)
    time.sleep(seconds)
    for process in busy:
        process.kill()
        process.wait()


def test_one_that_is_lost_by_itself_is_tried_once_more(tmp_path):
    given = ["a", f"dieonce {tmp_path}", "b", "c"]
    with pool() as workers:
        assert flat(workers.map(batches(*([one] for one in given)))) == given
    assert len(list(tmp_path.iterdir())) == 2


def test_a_loss_is_retryable_unless_it_is_the_documents_own_doing():
    with pool() as workers:
        found = [one for [one] in workers.map(batches(["hang"], ["spin"], ["die"], ["raise"], ["grow"]))]
    assert [(one.reason, one.retryable) for one in found] == [
        ("timeout", True),
        ("timeout", True),
        ("crash", True),
        ("crash", False),
        ("crash", False),
    ]


def test_a_worker_killed_from_outside_loses_nothing():
    with pool(document_deadline_s=20) as workers:
        results = workers.map(batches(["a"], ["slow"], ["slow"], ["b"], ["c"]))
        assert flat([next(results)]) == ["a"]
        for worker in list(workers._workers):
            os.kill(worker.process.pid, signal.SIGKILL)
        found = flat(results)
    assert [x if isinstance(x, str) else x[1] for x in found if x != "slow"][-2:] == ["b", "c"]
    assert len(found) == 4


def test_workers_end_with_the_pool():
    with pool() as workers:
        assert flat(workers.map(batches(["a"]))) == ["a"]
        processes = [worker.process for worker in workers._workers]
    assert not any(process.is_alive() for process in processes)
