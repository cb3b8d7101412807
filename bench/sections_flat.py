# SPDX-License-Identifier: MIT
"""That the cost stays flat: many keys, long tokens, many workers, several threads."""
import base64
import json
import os
import subprocess

from cryptography.hazmat.primitives.asymmetric import ec

import figures
import load
from report import Row


def _more_keys(setup, count):
    """The issuer's key and so many others, each a different point of P-256 made for this."""
    def number(value):
        return base64.urlsafe_b64encode(value.to_bytes(32, "big")).rstrip(b"=").decode()

    keys = json.load(open(setup.jwks, encoding="utf-8"))["keys"]
    for index in range(count - 1):
        point = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
        keys.append({"kty": "EC", "crv": "P-256", "kid": f"key-{index}", "use": "sig", "x": number(point.x), "y": number(point.y)})
    return json.dumps({"keys": keys})


def keys(setup, quick):
    """1 to 1,000 keys in the set, a token seen before"""
    count, seconds = (1, 1) if quick else (10, 2)

    def one_key():
        return setup.installation("1 key").lighttpd()

    def many_keys():
        site = setup.installation("1000 keys")
        path = site.write("etc/jwks.json", _more_keys(setup, 1000))
        setup.write_settings(site.path("libexec/bearer.env"), site.path("cache"), BEARER_JWKS_URI="file://" + path, AUTH0_ALGORITHMS="RS256 ES256")
        return site.lighttpd()

    many, few, again = load.in_turn({"many": many_keys, "few": one_key, "again": one_key}, "/api/private", seconds, count, setup.token).values()
    pairs, same = zip(many, few), zip(again, few)
    value = figures.ratio([(a.cpu, b.cpu) for a, b in pairs])
    noise = figures.ratio([(a.cpu, b.cpu) for a, b in same])
    yield Row("Flat", "1,000 keys to 1: CPU time of a request", str(value), "within A/A", value.mean <= noise.high, f"A/A {noise}")


def sizes(setup, quick):
    """Tokens of 0.5 to 12 KiB, seen before"""
    seconds = 1 if quick else 4
    site = setup.installation("sizes")
    times = {}
    try:
        site.lighttpd()
        for padding in (-1, 0, 11500) if quick else (-1, 0, 1000, 3000, 7000, 11500):
            token = setup.mint(0, padding)
            runs = [load.run(site, "/api/private", seconds, token=token) for _ in range(1 if quick else 3)]
            times[len(token)] = sum(run.cpu for run in runs) / len(runs) * 1e6
    finally:
        site.stop()
    (short, base), (long_one, most) = min(times.items()), max(times.items())
    growth = (most / base) / (long_one / short)
    for length, cpu in times.items():
        yield Row("Flat", f"a token of {length:,} octets", f"{cpu:.1f} µs CPU")
    yield Row("Flat", "growth of CPU time to growth of the token", f"{growth:.2f}", "at most 1", growth <= 1)


def workers(setup, quick):
    """1 to 64 workers, ours and bare ones"""
    seconds, count = (1, 1) if quick else (2, 5)
    for number in (1, 64) if quick else (1, 4, 16, 64):
        made = {program: lambda program=program, number=number: setup.installation(f"{number} × {program}", program, workers=number).nginx()
                for program in ("bearer.fcgi", "bare")}
        ours, bare = load.in_turn(made, "/api/private", seconds, count, setup.token, {"bearer.fcgi"}).values()
        value = figures.ratio([(a.cpu, b.cpu) for a, b in zip(ours, bare)])
        yield Row("Flat", f"{number} workers behind nginx: CPU time of a request to the bare program's", str(value), "at most 1.05", figures.at_most(value, 1.05),
                  f"{ours[-1].cpu * 1e6:.1f} µs; {ours[-1].rate:,.0f} requests per second, {load.counted(ours)}")


def threads(setup, quick):
    """libbearer in one thread and in two, a token seen before"""
    milliseconds, count = ("300", 2) if quick else ("1000", 10)
    path = os.path.join(setup.fresh(), "bearer.env")
    os.makedirs(os.path.dirname(path))
    setup.write_settings(path, os.path.dirname(path))

    def checks(number):
        done = subprocess.run([setup.build("bench/threads"), path, setup.token, number, milliseconds], capture_output=True, check=True)
        return int(done.stdout)

    pairs = [(checks("2"), checks("1")) for _ in range(count)]
    value = figures.ratio(pairs)
    yield Row("libbearer", "two threads to one: checks per second", str(value), "at least 1.7", figures.at_least(value, 1.7),
              f"one thread: {sum(one for _, one in pairs) / count:,.0f} checks per second")
