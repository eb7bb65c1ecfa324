"""Files of the lake: an error names the file that could not be written."""

import errno
from pathlib import Path

import pyarrow as pa
import pytest

from wirecopy.transforms.lake.files import write_synced, writing

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_is_an_error_that_names_the_file():
    with pytest.raises(OSError) as raised:
        write_synced(FULL, b"bytes")
    assert (raised.value.errno, raised.value.filename) == (errno.ENOSPC, "/dev/full")
    column = pa.array(range(100_000))
    with pytest.raises(OSError) as raised, writing(FULL), pa.OSFile("/dev/full", "wb") as file:
        file.write(column.buffers()[1])
    assert (raised.value.errno, raised.value.filename) == (errno.ENOSPC, "/dev/full")


def test_an_error_that_names_its_file_or_has_no_number_stays_as_it_is(tmp_path):
    with pytest.raises(FileNotFoundError) as missing, writing(tmp_path / "a"):
        (tmp_path / "b").read_bytes()
    assert missing.value.filename == str(tmp_path / "b")
    with pytest.raises(OSError, match=r"^words$"), writing(tmp_path / "a"):
        raise OSError("words")
