"""What extraction needs, imported and loaded: for the server that workers are forked from, so that none does it again.

None of it is garbage, so no process looks for any among it, which would copy the pages that processes share. Imported
anywhere else, this module does nothing.
"""

from __future__ import annotations

import gc

from wirecopy.transforms.processes import is_server


def _load() -> None:
    from wirecopy.transforms.sealing.pools import WARM
    from wirecopy.transforms.sealing.seal import extract

    extract(WARM)


if is_server():
    gc.disable()
    _load()
    gc.freeze()
    gc.enable()
