"""What extraction needs, imported and loaded: for the server that workers are forked from, so that none does it again.

None of it is garbage, so no process looks for any among it, which would copy the pages that processes share.
"""

from __future__ import annotations

import gc


def _load() -> None:
    from wirecopy.transforms.sealing.pools import WARM
    from wirecopy.transforms.sealing.seal import extract

    extract(WARM)


gc.disable()
_load()
gc.freeze()
gc.enable()
