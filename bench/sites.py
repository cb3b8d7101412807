# SPDX-License-Identifier: MIT
"""What is measured: web servers with the shipped configuration files in front of bearer.fcgi or of the bare program in its place, and the
peers. Each site lives in a directory of its own and is stopped by what it started."""
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
USER = "www-data" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
PUBLIC = '{"status":"success","msg":"Hello from a public endpoint! You don\'t need to be authenticated to see this."}'


def free_port():
    """One that nobody listens on just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(what, condition, process=None, seconds=20):
    """Until it is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline or (process and process.poll() is not None):
            raise RuntimeError(f"{what} did not start")
        time.sleep(0.02)


def listens(port):
    """Whether somebody takes connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Site:
    """Processes in a directory, and where they answer."""

    def __init__(self, name, directory, claims):
        self.name, self.directory, self.claims = name, directory, claims
        self.port, self.processes = free_port(), []
        self.sizes = {}  # of answers, by request (load.py)
        self.closes = False  # connections between requests: Apache does where all its threads wait, with mod_fcgid for a process
        self.url = f"http://127.0.0.1:{self.port}"
        os.makedirs(directory)
        os.chmod(directory, 0o755)

    def path(self, *parts):
        """A path in its directory."""
        return os.path.join(self.directory, *parts)

    def spawn(self, command, **more):
        """Starts a process that stop() will end."""
        with open(self.path("output"), "ab") as output:
            environment = {"PATH": os.environ["PATH"] + ":/usr/sbin:/sbin", "LANG": "C", **more.pop("env", {})}
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                       start_new_session=True, env=environment, **more)
        self.processes.append(process)
        return process

    def serve(self, command, **more):
        """The process that listens on the port."""
        process = self.spawn(command, **more)
        try:
            wait_for(self.name, lambda: listens(self.port), process)
        except RuntimeError as error:
            self.stop()
            with open(self.path("output"), encoding="utf-8", errors="replace") as output:
                raise RuntimeError(f"{error}: {output.read()[-2000:]}") from error

    def stop(self):
        """Ends all of it; each was started in a session of its own."""
        for process in reversed(self.processes):
            for kind in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(process.pid, kind)
                except ProcessLookupError:
                    break
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    continue
        self.processes = []

    def workers(self):
        """The processes of the program in its libexec; not the refreshes that they start."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{pid}/exe") == self.path("libexec/bearer.fcgi"):
                    found.append(int(pid))
            except OSError:
                pass
        return found

    def write(self, file, text):
        """A file in its directory."""
        with open(self.path(file), "w", encoding="utf-8") as out:
            out.write(text)
        return self.path(file)

    def serve_nginx(self, site):
        """nginx with one worker and these lines inside of http { }."""
        user = f"user {USER};" if os.geteuid() == 0 else ""
        temp = "\n".join(f"{kind}_temp_path {self.path('run', kind)};" for kind in ("client_body", "fastcgi", "proxy", "scgi", "uwsgi"))
        conf = self.write("etc/nginx.conf", f"""daemon off;
{user}
worker_processes 1;
pid {self.path('run/nginx.pid')};
error_log {self.path('log/error.log')} error;
events {{ worker_connections 512; }}
http {{
    access_log off;
    keepalive_requests 100000000;
    {temp}
    {site}
}}
""")
        self.serve(["nginx", "-p", self.directory, "-e", self.path("log/error.log"), "-c", conf])

    def is_right(self, path, body):
        """Whether this is the answer to a request with the good token."""
        if path.startswith("/api/public"):
            return body.replace('", "', '","').replace('": "', '":"') == PUBLIC
        return self.claims is None or body.startswith("{") and self.claims in body


class Installation(Site):
    """A site with bearer.fcgi, or with another program in its place, behind a web server with the shipped file."""

    def __init__(self, name, directory, setup, program, workers=4):
        super().__init__(name, directory, setup.subject)
        self.count = workers
        for part in ("libexec", "etc", "run", "log", "www", "empty", "cache", "etc/apache.d"):
            os.makedirs(self.path(part), exist_ok=True)
        for part in ("run", "log", "cache"):
            shutil.chown(self.path(part), USER)
        os.chmod(self.path("cache"), 0o700)
        shutil.copy(program, self.path("libexec", "bearer.fcgi"))
        shutil.copy(setup.build("bearerctl"), self.path("libexec"))
        setup.write_settings(self.path("libexec", "bearer.env"), self.path("cache"))
        shutil.copy(self.path("libexec", "bearer.env"), self.path("etc"))

    def shipped(self, file, **more):
        """A shipped file for this directory: what may differ is what substitute.sh changes."""
        names = {"FB_LIBEXEC": self.path("libexec"), "FB_SYSCONF": self.path("etc"), "FB_RUN": self.path("run"),
                 "FB_PORT": str(self.port), "FB_USER": USER, "FB_WORKERS": str(self.count), **more}
        return subprocess.run([os.path.join(TOP, "tests/support/substitute.sh"), os.path.join(TOP, file)], check=True,
                              text=True, capture_output=True, env={"PATH": os.environ["PATH"], **names}).stdout

    def start_workers(self, file):
        """By the command in the shipped file's comment."""
        line = next(line for line in self.shipped(file).splitlines() if line.startswith("#") and "spawn-fcgi -n" in line)
        command = line.lstrip("# ").replace("-f 4", f"-f {self.count}").split()
        self.spawn(command, cwd=self.path("libexec"))
        wait_for("the workers", lambda: os.path.exists(self.path("run/workers.socket")) and len(self.workers()) == self.count)

    def lighttpd(self, file="lighttpd-conf/fcgi-bearer.conf", more=""):
        """lighttpd, which starts the workers itself."""
        self.write("etc/shipped.conf", self.shipped(file) + more)
        user = f'server.username = "{USER}"\n' if os.geteuid() == 0 else ""
        conf = self.write("etc/lighttpd.conf", f"""server.modules = ()
server.bind = "127.0.0.1"
server.port = {self.port}
{user}server.document-root = "{self.path('www')}"
server.errorlog = "{self.path('log/error.log')}"
server.max-keep-alive-requests = 1000000
include "shipped.conf"
""")
        self.serve(["lighttpd", "-D", "-f", conf])
        return self

    def nginx(self, kept=False):
        """nginx, with kept connections to the workers or without."""
        self.start_workers("nginx-conf/fcgi-bearer.conf")
        os.makedirs(self.path("etc/fcgi-bearer"), exist_ok=True)
        for name in ("fcgi-bearer", "api", "ask", "guard", "location", "program", "guarded-site"):
            text = self.shipped(f"nginx-conf/{name}.conf")
            place = "etc" if name in ("fcgi-bearer", "guarded-site") else "etc/fcgi-bearer"
            self.write(f"{place}/{name}.conf", text.replace("#kept: ", "") if kept else text)
        self.serve_nginx(f"include {self.path('etc/fcgi-bearer.conf')}; include {self.path('etc/guarded-site.conf')};")
        return self

    def apache(self, kind, file, more=""):
        """Apache: kind is fcgid, cgi or proxy."""
        self.closes = kind == "fcgid"
        if kind == "proxy":
            self.start_workers(file)
        self.write("etc/apache.d/shipped.conf", self.shipped(file) + more)
        self.serve(["apache2", "-C", f"Define FB_DIR {self.directory}", "-C", f"Define FB_PORT {self.port}", "-C", f"Define FB_USER {USER}",
                    "-C", f"Define FB_GROUP {USER}", "-D", f"FB_{kind.upper()}", "-f", os.path.join(TOP, "tests/support/apache-base.conf"),
                    "-c", "MaxKeepAliveRequests 0", "-D", "FOREGROUND"])
        return self


class Peer(Site):
    """Another way to write the same API."""

    def workers(self):
        return []

    def is_right(self, path, body):
        return super().is_right(path, body.replace('": ', '":').replace(', "', ',"'))

    def fastapi(self, setup):
        """FastAPI with PyJWT on uvicorn, a process for each core."""
        for file in ("main.py", "serve.py"):
            shutil.copy(os.path.join(TOP, "bench/peers/fastapi", file), self.directory)
        self.serve(["/usr/bin/python3", "serve.py", str(self.port)], cwd=self.directory, env=setup.peer_environment())
        return self

    def node(self, setup, which):
        """One of bench/peers, its packages as its lock file says."""
        source = os.path.join(TOP, "bench/peers", which)
        kept = os.path.join(setup.directory("npm"), which)
        os.makedirs(kept, exist_ok=True)
        for file in ("package.json", "package-lock.json", ".npmrc", "server.mjs"):
            shutil.copy(os.path.join(source, file), kept)
        if not os.path.isdir(os.path.join(kept, "node_modules")):
            subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=kept, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # Debian's Node.js is older than what they want.
        own = [path for path in (os.path.join(kept, f"node_modules/node-linux-{machine}/bin/node") for machine in ("x64", "arm64")) if os.path.exists(path)]
        self.serve([(own or ["node"])[0], os.path.join(kept, "server.mjs")], cwd=kept, env={**setup.peer_environment(), "PORT": str(self.port)})
        return self

    def behind_nginx(self, inner):
        """nginx with kept connections to another peer, which stops with it."""
        for part in ("etc", "run", "log"):
            os.makedirs(self.path(part))
        self.processes += inner.processes
        self.serve_nginx(f"""upstream peer {{ server 127.0.0.1:{inner.port}; keepalive 64; }}
    server {{
        listen 127.0.0.1:{self.port};
        location / {{ proxy_pass http://peer; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}""")
        return self
