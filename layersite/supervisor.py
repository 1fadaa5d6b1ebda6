"""Keeps a few processes running together, prints what they say, and ends them together.

- A process that ends by itself is started again; one that keeps ending at once ends everything, with status 1.
- SIGINT, SIGTERM and SIGHUP end all: first they are asked, then pressed, then killed with all their children.
  A second signal kills at once.
"""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from layersite.processes import Process

QUICK_SECONDS = 10.0  # a process that ends before this age did not really start
QUICK_ENDS = 3  # so many of these in a row are enough
# Seconds since the stop began, and what is sent then. Celery finishes its tasks at SIGTERM and drops them at SIGQUIT;
# what it drops is taken up again at the next start.
STOPPING = ((0.0, signal.SIGTERM), (5.0, signal.SIGQUIT), (8.0, signal.SIGKILL))
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Child:
    """One process, through all its starts."""

    def __init__(self, process: Process, label: str) -> None:
        self.process = process
        self.label = label
        self.quick_ends = 0
        self.start()

    def start(self) -> None:
        # Where the supervisor itself is killed, Linux ends the process: a forgotten web server would keep the port.
        setpriv = shutil.which("setpriv")
        self.started = time.monotonic()
        self.popen = subprocess.Popen(
            [*([setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []), *self.process.command],
            env=os.environ | self.process.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # a terminal's Ctrl-C reaches the supervisor alone, which ends the rest in order
        )
        threading.Thread(target=self._forward, args=(self.popen,), daemon=True).start()

    def _forward(self, popen: "subprocess.Popen[str]") -> None:
        for line in popen.stdout or ():
            if line.strip():
                print(f"{self.label}{line}", end="", flush=True)

    @property
    def running(self) -> bool:
        return self.popen.poll() is None

    def send(self, sign: signal.Signals) -> None:
        """To the process while it runs; SIGKILL to all that it started, also when itself is gone."""
        with contextlib.suppress(ProcessLookupError):
            if sign == signal.SIGKILL:
                os.killpg(self.popen.pid, sign)
            elif self.running:
                self.popen.send_signal(sign)

    def revive(self) -> bool:
        """Start it again after it ended by itself; False when it is of no use."""
        quick = time.monotonic() - self.started < QUICK_SECONDS
        self.quick_ends = self.quick_ends + 1 if quick else 0
        status = self.popen.returncode
        self.send(signal.SIGKILL)  # children that it left behind would work beside the new ones
        if self.quick_ends == QUICK_ENDS:
            print(f"{self.label}ended {QUICK_ENDS} times right after its start (status {status}); its reason is above")
            return False
        print(f"{self.label}ended with status {status}, starting it again", flush=True)
        self.start()
        return True


def supervise(processes: Sequence[Process], ready: Callable[[], bool], when_ready: Callable[[], None]) -> int:
    """Run `processes` until a signal comes or one is of no use; returns the exit status when all have ended.

    `ready` is asked a few times a second until it says yes; then `when_ready` is called, once.
    """
    signals: list[int] = []
    announced = failed = False
    width = max(len(process.name) for process in processes)
    with waking_signals(signals) as wait:
        children = [Child(process, f"{process.name:<{width}} | ") for process in processes]
        while not signals and not failed:
            wait()
            failed = not all(child.running or signals or child.revive() for child in children)
            if not announced and not signals and not failed and ready():
                announced = True
                when_ready()
        if signals:
            print("\n  Ending. What is being read is taken up again at the next start.\n", flush=True)
        stop(children, signals, wait)
    return 1 if failed else 0


def stop(children: Sequence[Child], signals: Sequence[int], wait: Callable[[], None]) -> None:
    """End all children, each step of STOPPING at its time, or the last at once when one more signal comes."""
    began, before = time.monotonic(), len(signals)
    steps = list(STOPPING)
    while any(child.running for child in children):
        hurried = len(signals) > before
        while steps and (hurried or time.monotonic() - began >= steps[0][0]):
            _, sign = steps.pop(0)
            for child in children:
                child.send(sign)
        wait()
    for child in children:
        child.send(signal.SIGKILL)


@contextlib.contextmanager
def waking_signals(signals: list[int]) -> Iterator[Callable[[], None]]:
    """Collect what ends us in `signals`. Yields a wait of a moment that any signal, also a child's end, cuts short."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)

    def wait() -> None:
        if select.select([reading], [], [], 0.3)[0]:
            os.read(reading, 512)

    wakeup = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    handlers = {sign: signal.signal(sign, lambda number, _: signals.append(number)) for sign in ENDING}
    handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
    try:
        yield wait
    finally:
        for sign, handler in handlers.items():
            signal.signal(sign, handler)
        signal.set_wakeup_fd(wakeup)
        os.close(reading)
        os.close(writing)
