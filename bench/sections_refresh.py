"""What rotations, refreshes and floods of unknown keys cost those who have a good token."""
import json
import subprocess
import threading
import time

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


def _site(setup, server, workers, **settings):
    site = setup.installation(f"{workers} workers", workers=workers)
    setup.write_settings(site.path("libexec/bearer.env"), site.path("cache"), BEARER_JWKS_URI=server.uri, BEARER_CA_FILE=server.ca, **settings)
    return site.lighttpd()


def _p99(site, token, seconds, count):
    runs = sorted(load.run(site, "/api/private", seconds, token=token).p99 for _ in range(count))
    return runs[len(runs) // 2]


def rotation(setup, quick):
    """Refreshes when due and rotations that publish first: p99 of good requests"""
    seconds, count = (2, 1) if quick else (5, 3)
    own = json.load(open(setup.jwks, encoding="utf-8"))["keys"]
    for workers in (4, 64):
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
    """A flood of tokens with unknown keys beside good ones"""
    seconds, count = (2, 1) if quick else (5, 3)
    own = json.load(open(setup.jwks, encoding="utf-8"))["keys"]
    kid, setup.kid = setup.kid, "nobody-knows-this-key"
    unknown = setup.mint(0)
    setup.kid = kid
    for delay, name in ((0.1, "an issuer that answers in 100 ms"), (30, "an issuer that hangs")):
        server = KeysServer(setup.fresh(), own)
        site = _site(setup, server, 4)
        try:
            load.answer(site.url + "/api/private", setup.token)
            quiet = _p99(site, setup.token, seconds, count)
            server.delay = delay
            time.sleep(0)
            flooding = subprocess.Popen(["wrk", "-t1", "-c4", f"-d{seconds * count + 2}s", "-H", f"Authorization: Bearer {unknown}",
                                         site.url + "/api/private"], stdout=subprocess.DEVNULL)
            flooded = _p99(site, setup.token, seconds, count)
            flooding.wait()
            asked = server.asked
        finally:
            site.stop()
            server.stop()
        goal = delay < 1
        yield Row("Unknown keys", f"{name}: p99 of good requests", f"{flooded / quiet:.2f} × {quiet:.1f} ms", "less than 2 ×" if goal else "",
                  flooded < 2 * quiet if goal else None, f"{asked} fetches")
