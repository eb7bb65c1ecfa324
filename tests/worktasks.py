"""What workers are given to do in tests: a module of its own, as other processes import it."""

import os
import signal
import time


def echo(documents):
    """Return the documents' contents, and do what some of them say."""
    for document in documents:
        match document.content:
            case "hang":
                time.sleep(3600)
            case "spin":
                while True:
                    pass
            case "slow":
                time.sleep(0.5)
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "raise":
                raise ValueError("raised")
            case "grow":
                bytes(1 << 30)
    return [document.content for document in documents]
