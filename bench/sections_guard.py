# SPDX-License-Identifier: MIT
"""Guarding a file, and Apache's mod_fcgid: what each server makes of an authorizer."""
import os
from statistics import median

import figures
import load
import sites
from report import Row

FILE = "a file that nobody may read without a token\n"


class Guarded(sites.Installation):
    """A site with a file behind a guard."""

    def __init__(self, name, setup):
        super().__init__(name, setup.fresh(), setup, setup.build("bearer.fcgi"))
        os.makedirs(self.path("www/private"))
        self.write("www/private/file.txt", FILE)

    def is_right(self, path, body):
        return body == FILE

    def shipped(self, file, **more):
        """With the directory and the scope of this bench, and workers on a port of their own where they listen on one."""
        text = super().shipped(file, **more).replace("/srv/www", self.path("www")).replace("scope=read:files", "scope=read:messages")
        return text.replace("9303", str(self.tcp_port))

    tcp_port = 0

    def openidc(self, setup):
        """Apache's third-party module, as a resource server."""
        self.write("etc/apache.d/shipped.conf", f"""LoadModule auth_openidc_module /usr/lib/apache2/modules/mod_auth_openidc.so
LoadModule authn_core_module /usr/lib/apache2/modules/mod_authn_core.so
LoadModule authz_user_module /usr/lib/apache2/modules/mod_authz_user.so
OIDCOAuthVerifyCertFiles {setup.kid}#{setup.public_key}
OIDCOAuthRemoteUserClaim sub
OIDCCryptoPassphrase bench
<Directory "{self.path('www/private')}">
    AuthType oauth20
    Require claim scope~read:messages
</Directory>
""")
        self.serve(["apache2", "-C", f"Define FB_DIR {self.directory}", "-C", f"Define FB_PORT {self.port}", "-C", f"Define FB_USER {sites.USER}",
                    "-C", f"Define FB_GROUP {sites.USER}", "-f", os.path.join(sites.TOP, "tests/support/apache-base.conf"),
                    "-c", "MaxKeepAliveRequests 0", "-D", "FOREGROUND"])
        return self


def _lighttpd(setup):
    site = Guarded("lighttpd, our authorizer", setup)
    return site.lighttpd("lighttpd-conf/authorizer.conf", '\nmimetype.assign = ( "" => "text/plain" )\n')


def guard(setup, quick):
    """Guarding a static file, a token seen before"""
    seconds, count = (1, 1) if quick else (4, 5)
    made = {"lighttpd, our authorizer": lambda: _lighttpd(setup),
            "Apache, mod_auth_openidc": lambda: Guarded("mod_auth_openidc", setup).openidc(setup)}
    runs = load.in_turn(made, "/private/file.txt", seconds, count, setup.token, made)
    for name, done in runs.items():
        rate = sum(run.rate for run in done) / len(done)
        yield Row("Guarding a static file", name, f"{rate:,.0f} requests per second", note=str(load.counted(done)), rate=rate)
    value = figures.ratio([(a.rate, b.rate) for a, b in zip(*runs.values())])
    yield Row("Guarding a static file", "lighttpd with our authorizer to Apache with mod_auth_openidc", str(value), "at least 1.5",
              figures.at_least(value, 1.5))


def fcgid(setup, quick):
    """Apache with mod_fcgid, which looks for a free process once a second: how often its limits make a request wait"""
    seconds, count = (2, 1) if quick else (4, 5)
    few = "\nServerLimit 1\nMaxSpareThreads 8\nThreadsPerChild 8\nMaxRequestWorkers 8\nAsyncRequestWorkerFactor 64\nFcgidMinProcessesPerClass 8\n"
    variants = {
        "as shipped": "",
        "at least 32 processes kept, no limit to starting them": "\nFcgidMinProcessesPerClass 32\nFcgidMaxProcessesPerClass 64\nFcgidSpawnScore 0\n",
        "at most 4 processes": "\nFcgidMaxProcessesPerClass 4\n",
        "8 threads in Apache, 8 processes kept": few,
    }
    if quick:
        variants = {"as shipped": ""}
    made = {name: lambda name=name, more=more: setup.installation(name).apache("fcgid", "apache-conf/fcgid-vhost.conf", more) for name, more in variants.items()}
    made["mod_proxy_fcgi as shipped, 4 workers"] = lambda: setup.installation("proxy").apache("proxy", "apache-conf/proxy-fcgi.conf")
    runs = load.in_turn(made, "/api/private", seconds, count, setup.token, made)
    for name, done in runs.items():
        took = load.counted(done)
        yield Row("Apache with mod_fcgid, 16 clients", name, f"{took.slow} of {took.count:,} requests took half a second or longer",
                  note=f"p50 {took.p50:.1f} ms, {took}, the longest {took.longest / 1e3:.1f} s; {median([run.rate for run in done]):,.0f} requests per second")
