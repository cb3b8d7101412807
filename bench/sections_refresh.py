# SPDX-License-Identifier: MIT
"""What rotations, refreshes and floods of unknown keys cost those who have a good token."""
import json
import subprocess
import threading
import time
from statistics import median

import load
from keys_server import KeysServer
from report import Row


class Beside:
    """Something that is done again and again while a run is under way."""

    def __init__(self, work, interval):
        self.work, self.interval, self.over = work, interval, threading.Event()
        self.thread = threading.Thread(target=self._go)

    def _go(self):
        while not self.over.wait(self.interval):
            self.work()

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


class _Others:
    """Four more clients at full speed, with another token, until the end."""

    def __init__(self, site, token):
        self.command = ["wrk", "-t1", "-c4", "-d600s", "-H", f"Authorization: Bearer {token}", site.url + "/api/private"]
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def _site(setup, server, workers, **settings):
    site = setup.installation(f"{workers} workers", workers=workers)
    setup.write_settings(site.path("libexec/bearer.env"), site.path("cache"), BEARER_JWKS_URI=server.uri, BEARER_CA_FILE=server.ca, **settings)
    return site.lighttpd()


def _p99(site, token, seconds, count):
    return median(load.latencies(load.times(site, "/api/private", seconds, token=token)).p99 for _ in range(count))


def rotation(setup, quick):
    """Refreshes when due and rotations that publish first: p99 of good requests"""
    seconds, count = (2, 1) if quick else (5, 3)
    own = json.load(open(setup.jwks, encoding="utf-8"))["keys"]
    for workers in (4,) if quick else (4, 64):
        server = KeysServer(setup.fresh(), own)
        calm, busy = _site(setup, server, workers), None
        try:
            quiet = _p99(calm, setup.token, seconds, count)
            busy = _site(setup, server, workers, BEARER_JWKS_TTL=1, BEARER_JWKS_COOLDOWN=0)
            names = iter(range(10 ** 6))

            def publish(server=server, names=names):
                server.keys = own + [{**own[0], "kid": f"next-{next(names)}"}]

            with Beside(publish, 0.5):
                rotating = _p99(busy, setup.token, seconds, count)
            fetched = server.asked
        finally:
            calm.stop()
            if busy:
                busy.stop()
            server.stop()
        yield Row("Rotation and refresh", f"{workers} workers: p99 while keys are refreshed each second and rotated twice in it",
                  f"{rotating / quiet:.2f} × {quiet:.1f} ms", "less than 2 ×", rotating < 2 * quiet, f"{fetched} fetches")


def flood(setup, quick):
    """A flood of tokens with unknown keys beside good ones, and a flood of good ones to compare it with"""
    seconds, count = (2, 1) if quick else (5, 3)
    own = json.load(open(setup.jwks, encoding="utf-8"))["keys"]
    kid, setup.kid = setup.kid, "nobody-knows-this-key"
    unknown = setup.mint(0)
    setup.kid = kid
    issuers = ((0.1, "an issuer that answers in 100 ms"), (30, "an issuer that hangs"))
    for delay, name in issuers[:1] if quick else issuers:
        server = KeysServer(setup.fresh(), own)
        site = _site(setup, server, 4)
        try:
            quiet = _p99(site, setup.token, seconds, count)
            with _Others(site, setup.token):
                beside = _p99(site, setup.token, seconds, count)
            server.delay = delay
            with _Others(site, unknown):
                flooded = _p99(site, setup.token, seconds, count)
            asked = server.asked
        finally:
            site.stop()
            server.stop()
        for than, base in (("with nobody beside them", quiet), ("beside as many more good ones", beside)):
            yield Row("Unknown keys", f"{name}: p99 of good requests, to p99 {than}", f"{flooded / base:.2f} × {base:.1f} ms",
                      "less than 2 ×" if delay < 1 else "", flooded < 2 * base if delay < 1 else None, f"{asked} fetches")
    if not quick:
        yield from _waits(setup, own, unknown)


def _waits(setup, own, unknown):
    """How long requests with an unknown key wait for an issuer that hangs: the one that fetches, those beside it, and those that come after it, while it is
    still under way or in its cooldown. Half a second is allowed for everything else."""
    server = KeysServer(setup.fresh(), own)
    site = _site(setup, server, 4, BEARER_JWKS_COOLDOWN=8)
    try:
        load.answer(site.url + "/api/private", setup.token)
        time.sleep(9)  # the cooldown after the first fetch
        server.delay = 30
        took = sorted(_together(site, unknown, 4))
        later = max(_together(site, unknown, 4))
    finally:
        site.stop()
        server.stop()
    yield Row("Unknown keys", "an issuer that hangs: the request that fetches waits", f"{took[-1]:.2f} s", "at most 5 s", took[-1] <= 5.5)
    yield Row("Unknown keys", "an issuer that hangs: those beside it wait", f"{took[-2]:.2f} s", "at most 1 s", took[-2] <= 1.5)
    yield Row("Unknown keys", "an issuer that hangs: those after it wait", f"{later:.2f} s", "at most 1 s", later <= 1.5)


def _together(site, token, count):
    """The seconds that each of so many simultaneous requests took; all have to be answered 503."""
    took = []

    def ask():
        start = time.monotonic()
        status, body = load.answer(site.url + "/api/private", token)
        if status == 503:
            took.append(time.monotonic() - start)
        else:
            took.append(float("inf"))
            print(f"    {status} {body[:200]}")

    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took
