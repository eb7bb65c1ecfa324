"""A headless Chromium that tests drive by its own protocol, where one is found.

It is the one that the environment variable WIRECOPY_CHROMIUM names, or one on the PATH.
"""

import asyncio
import contextlib
import itertools
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
import warnings

import aiohttp
import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "headless_shell", "chrome-headless-shell")
WAIT_S = 120


def executable():
    """Return the path of a Chromium; skip the test, and warn of it, where there is none."""
    named = os.environ.get("WIRECOPY_CHROMIUM")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    why = "no Chromium is found: PAGES WERE NOT TRIED IN A BROWSER. Name one with WIRECOPY_CHROMIUM"
    warnings.warn(why, stacklevel=1)
    pytest.skip(why)


class Tab:
    """One page of a browser, driven from the test's thread."""

    def __init__(self, browser, target):
        self._browser = browser
        self._target = target
        self._session = browser.do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def do(self, method, **given):
        return self._browser.do(method, self._session, **given)

    def open(self, url, width=1280, dark=False):
        self.do("Page.enable")
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.do("Emulation.setEmulatedMedia", features=[scheme])
        self.do("Page.navigate", url=url)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def run(self, script):
        done = self.do("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def wait(self, condition):
        """Wait until an expression is true, in whichever page the tab has by then."""
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until:
            with contextlib.suppress(RuntimeError, AssertionError):  # a page that is left can answer nothing
                if self.run(f"Boolean({condition})"):
                    return
            time.sleep(0.05)
        raise AssertionError(condition)

    def press(self, key, code=0, text=None):
        down = {"key": key, "windowsVirtualKeyCode": code} | ({"text": text} if text else {})
        self.do("Input.dispatchKeyEvent", type="keyDown", **down)
        self.do("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def close(self):
        """Close the page, which asks its server no more."""
        if self._target:
            self._browser.do("Target.closeTarget", targetId=self._target)
            self._target = None

    @property
    def faults(self):
        """What scripts threw and what the browser refused or could not load, so far."""
        return self._browser.faults


class Browser:
    """A Chromium of its own."""

    def __init__(self):
        self.faults = []
        self._place = tempfile.mkdtemp(prefix="wirecopy-chromium-")
        given = ["--headless", "--no-sandbox", "--no-zygote", "--disable-gpu", "--remote-debugging-port=0"]
        given += ["--disable-dev-shm-usage", f"--user-data-dir={self._place}", "about:blank"]
        self._process = subprocess.Popen([executable(), *given], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        for line in self._process.stderr:
            if found := re.search(rb"DevTools listening on (ws://\S+)", line):
                self._address = found[1].decode()
                break
        else:
            raise AssertionError("Chromium ended before it listened")
        threading.Thread(target=self._process.stderr.read, daemon=True).start()
        self._loop = asyncio.new_event_loop()
        self._numbers, self._waiting, self._open = itertools.count(1), {}, threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._listen()], daemon=True)
        self._thread.start()
        assert self._open.wait(WAIT_S)

    async def _listen(self):
        async with aiohttp.ClientSession() as http, http.ws_connect(self._address, max_msg_size=0) as socket:
            self._socket = socket
            self._open.set()
            async for message in socket:
                told = json.loads(message.data)
                if told.get("id") in self._waiting:
                    self._waiting.pop(told["id"]).set_result(told)
                elif told.get("method") == "Runtime.exceptionThrown":
                    self.faults.append(told["params"]["exceptionDetails"])
                elif told.get("method") == "Log.entryAdded" and told["params"]["entry"]["level"] == "error":
                    self.faults.append(told["params"]["entry"])

    def do(self, method, session=None, **given):
        async def ask():
            number = next(self._numbers)
            self._waiting[number] = asyncio.get_running_loop().create_future()
            told = {"id": number, "method": method, "params": given} | ({"sessionId": session} if session else {})
            await self._socket.send_json(told)
            return await self._waiting[number]

        answer = asyncio.run_coroutine_threadsafe(ask(), self._loop).result(WAIT_S)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def tab(self):
        tab = Tab(self, self.do("Target.createTarget", url="about:blank")["targetId"])
        for domain in ("Runtime", "Log"):
            tab.do(f"{domain}.enable")
        return tab

    def close(self):
        with contextlib.suppress(RuntimeError, TimeoutError):
            self.do("Browser.close")
        self._process.terminate()
        self._process.wait(WAIT_S)
        self._thread.join(WAIT_S)
        shutil.rmtree(self._place, ignore_errors=True)
