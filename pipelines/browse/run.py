"""The command `browse`: serve a lake's pages until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from aiohttp import web

from wirecopy.pipelines.browse.guard import is_loopback
from wirecopy.pipelines.browse.server import application
from wirecopy.pipelines.query import open_lake
from wirecopy.pipelines.terminal.shown import shown
from wirecopy.transforms.lake.files import LakeError


def browse(lake: Path, host: str, port: int) -> None:
    """Serve the pages of a lake until SIGINT or SIGTERM. Raises LakeError where there is none or the port is taken."""
    open_lake(lake).close()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(lake, host, port))


async def _serve(lake: Path, host: str, port: int) -> None:
    runner = web.AppRunner(application(lake, host), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            said = error.strerror or error
            raise LakeError(f"{host}:{port} cannot be listened on ({said}): name another with --listen") from None
        listening = runner.addresses[0][1]
        named = f"[{host}]" if ":" in host else host
        print(
            f"Browse {shown(str(lake))} at http://{named}:{listening}/  (Ctrl-C ends it)", file=sys.stderr, flush=True
        )
        if not is_loopback(host):
            print("Anyone who reaches this host can read the lake: there is no password.", file=sys.stderr, flush=True)
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await stop.wait()
    finally:
        await runner.cleanup()
