"""That the cost stays flat: many keys, long tokens, many workers."""
import base64
import json

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
    count, seconds = (2, 1) if quick else (10, 2)
    few, many = setup.installation("1 key"), setup.installation("1000 keys")
    path = many.write("etc/jwks.json", _more_keys(setup, 1000))
    setup.write_settings(many.path("libexec/bearer.env"), many.path("cache"), BEARER_JWKS_URI="file://" + path, AUTH0_ALGORITHMS="RS256 ES256")
    try:
        few.lighttpd()
        many.lighttpd()
        pairs = [(load.run(many, "/api/private", seconds, token=setup.token), load.run(few, "/api/private", seconds, token=setup.token))
                 for _ in range(count)]
        same = [(load.run(few, "/api/private", seconds, token=setup.token), load.run(few, "/api/private", seconds, token=setup.token))
                for _ in range(count)]
    finally:
        few.stop()
        many.stop()
    value = figures.ratio([(a.cpu, b.cpu) for a, b in pairs])
    noise = figures.ratio([(a.cpu, b.cpu) for a, b in same])
    yield Row("Flat", "1,000 keys to 1: CPU time of a request", str(value), "within A/A", value.low <= noise.high, f"A/A {noise}")


def sizes(setup, quick):
    """Tokens of 0.7 to 12 KiB, seen before"""
    seconds = 1 if quick else 4
    site = setup.installation("sizes")
    times = {}
    try:
        site.lighttpd()
        for padding in (0, 1000, 3000, 7000, 11500):
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
    """1 to 64 workers"""
    seconds = 1 if quick else 4
    for number in (1, 4, 16, 64):
        site = setup.installation(f"{number} workers", workers=number)
        try:
            site.nginx()
            run = load.run(site, "/api/private", seconds, token=setup.token)
        finally:
            site.stop()
        yield Row("Flat", f"{number} workers behind nginx", f"{run.cpu * 1e6:.1f} µs CPU", note=f"{run.rate:,.0f} requests per second, p99 {run.p99:.1f} ms")

