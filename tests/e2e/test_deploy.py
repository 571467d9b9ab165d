"""The files in deploy/ do what docs/deployment.md says: real proxies in front of a real app, and a checked unit."""

import json
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from arena.types import ModelKind, ModelSpec, Prompt
from tests.support.raw_page import PASSWORD, add_users, sign_in
from tests.support.scripted_endpoint import Reply, ScriptedEndpoint
from tests.support.served import wait_for_owner
from workbench.access.roles import Role
from workbench.access.users import Users
from workbench.bench import Workbench

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
HOST = "arena.example.org"
SETTINGS = f"""
[access]
allowed_hosts = ["{HOST}"]
proxy_addresses = ["127.0.0.1"]
proxy_header = "X-Remote-User"
proxy_role = "admin"
"""


@dataclass(frozen=True)
class Site:
    """An app behind a proxy, as a visitor reaches it."""

    port: int
    certificate: Path
    endpoint: ScriptedEndpoint

    @property
    def origin(self) -> str:
        return f"https://{HOST}:{self.port}"

    def visitor(self) -> httpx.Client:
        """Return a browser that takes the machine itself for the site, and its certificate for good."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        transport = _Here(self.port, verify=context)
        return httpx.Client(
            base_url=self.origin, transport=transport, timeout=60, headers={"origin": self.origin}
        )


class _Here(httpx.HTTPTransport):
    """Goes to a port of this machine, whatever the address says, and checks the certificate for the name."""

    def __init__(self, port: int, verify: ssl.SSLContext) -> None:
        super().__init__(verify=verify)
        self._port = port

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["host"] = f"{HOST}:{self._port}"
        here = httpx.Request(
            request.method,
            request.url.copy_with(host="127.0.0.1", port=self._port),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": HOST},
        )
        return super().handle_request(here)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, ScriptedEndpoint]]:
    """An app that listens to its own machine, with two live models and one person."""
    home = tmp_path_factory.mktemp("deployed") / "home"
    home.mkdir()
    (home / "workbench.toml").write_text(SETTINGS, "utf-8")
    add_users(Users(home), ada=Role.ADMIN)
    with ScriptedEndpoint() as endpoint:
        with Workbench.open(home) as bench:
            bench.store.prompts.add("questions", [Prompt.from_text("Why is the sky blue?")])
            for name in ("one", "two"):
                options = {"base_url": endpoint.base_url, "model": name, "retries": 0}
                bench.add_model(ModelSpec(name, ModelKind.ENDPOINT, options))
        command = [sys.executable, "-m", "workbench", "--home", str(home), "serve", "--port", "0"]
        log = home.parent / "server.log"
        with log.open("wb") as said:
            server = subprocess.Popen(command, stdout=said, stderr=said)
        try:
            owner = wait_for_owner(home, 300)
            assert owner is not None, log.read_text("utf-8")
            port = int(owner.address.rpartition(":")[2])
            _wait_until(lambda: httpx.get(f"{owner.address}/api/v1/health", timeout=60).status_code == 200)
            yield port, endpoint
        finally:
            server.terminate()
            server.wait(60)


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def site(
    app: tuple[int, ScriptedEndpoint],
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """The app behind each proxy, with the file of deploy/ as it is but for ports and paths."""
    program = shutil.which(request.param) or shutil.which(request.param, path="/usr/sbin:/usr/bin")
    if program is None:
        pytest.skip(f"needs {request.param}: `apt-get install {request.param}`")
    folder = tmp_path_factory.mktemp(request.param)
    certificate, key = _certificate(folder)
    port = _free_port()
    command = (_nginx if request.param == "nginx" else _caddy)(
        program, folder, app[0], port, certificate, key
    )
    log = folder / "proxy.log"
    with log.open("wb") as said:
        proxy = subprocess.Popen(command, stdout=said, stderr=said, cwd=folder, env={"HOME": str(folder)})
    made = Site(port, certificate, app[1])
    try:
        with made.visitor() as visitor:
            _wait_until(lambda: visitor.get("/api/v1/health").status_code == 200)
        yield made
    finally:
        proxy.kill()  # Caddy waits for streams that never end
        proxy.wait(20)


def _nginx(program: str, folder: Path, behind: int, port: int, certificate: Path, key: Path) -> list[str]:
    text = (DEPLOY / "nginx.conf").read_text("utf-8").replace("127.0.0.1:7860", f"127.0.0.1:{behind}")
    text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    text = text.replace(f"/etc/ssl/{HOST}.pem", str(certificate)).replace(f"/etc/ssl/{HOST}.key", str(key))
    places = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "site.conf").write_text(text, "utf-8")
    main = folder / "main.conf"
    main.write_text(
        f"daemon off;\npid {folder}/pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{places}include {folder}/site.conf;\n}}\n"
    )
    command = [program, "-p", str(folder), "-e", "stderr", "-c", str(main)]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr, checked.stderr
    return command


def _caddy(program: str, folder: Path, behind: int, port: int, certificate: Path, key: Path) -> list[str]:
    text = (DEPLOY / "Caddyfile").read_text("utf-8").replace("127.0.0.1:7860", f"127.0.0.1:{behind}")
    at = f"https://{HOST}:{port} {{\n\tbind 127.0.0.1\n\ttls {certificate} {key}"
    text = re.sub(rf"^{re.escape(HOST)} {{", at, text, flags=re.MULTILINE)
    file = folder / "Caddyfile"
    file.write_text("{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + text, "utf-8")
    command = [program, "run", "--config", str(file), "--adapter", "caddyfile"]
    checked = subprocess.run(
        [program, "validate", "--config", str(file), "--adapter", "caddyfile"],
        capture_output=True,
        text=True,
        check=False,
        env={"HOME": str(folder)},
    )
    assert checked.returncode == 0, checked.stderr
    return command


def _certificate(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "site.pem", folder / "site.key"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                f"/CN={HOST}",
            ),
            *("-addext", f"subjectAltName=DNS:{HOST}", "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            if holds():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    pytest.fail("the server did not answer within two minutes")


@pytest.mark.slow
def test_a_person_signs_in_through_tls_and_gets_a_page_that_asks_for_https_only(site: Site) -> None:
    with site.visitor() as visitor:
        assert visitor.get("/").headers["location"] == "/sign-in"
        signed = sign_in(visitor, "ada", PASSWORD, origin=site.origin)
        assert signed.status_code == 303, signed.text
        cookies = [value.lower() for value in signed.headers.get_list("set-cookie")]
        assert any("secure" in cookie and "httponly" in cookie for cookie in cookies), cookies
        page = visitor.get("/")
        assert page.status_code == 200
        assert f"http://{HOST}" not in page.text
        assert visitor.get("/config").json().get("root", site.origin).startswith(site.origin)


def test_answers_arrive_while_the_models_still_write(site: Site) -> None:
    site.endpoint.script(Reply(pieces=("Hello", " there, this goes on."), then="hang"))
    with site.visitor() as visitor:
        assert sign_in(visitor, "ada", PASSWORD, origin=site.origin).status_code == 303
        with visitor.stream("POST", "/api/v1/battles/stream", json={"prompt": "Hm?"}) as stream:
            assert stream.status_code == 200, stream.read()
            for line in stream.iter_lines():
                if json.loads(line).get("text_a"):
                    break
            else:
                pytest.fail("the stream ended although the models never do")


def test_files_of_more_than_a_megabyte_come_in(site: Site) -> None:
    rows = "".join(f"ant,bee,model_a,person-{n},{'x' * 80}\n" for n in range(20_000))
    with site.visitor() as visitor:
        assert sign_in(visitor, "ada", PASSWORD, origin=site.origin).status_code == 303
        sent = visitor.post(
            "/api/v1/imports",
            params={"what": "votes", "name": f"{site.port}.csv"},
            content="model_a,model_b,winner,voter,note\n" + rows,
        )
    assert sent.status_code == 202, sent.text


def test_a_visitor_cannot_name_themselves_or_reach_the_app_under_another_name(site: Site) -> None:
    with site.visitor() as visitor:
        named = visitor.get("/api/v1/me", headers={"X-Remote-User": "ada"})
        assert named.status_code == 401, named.text


def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("needs systemd-analyze, a part of systemd")
    text = (DEPLOY / "workbench.service").read_text("utf-8")
    command = re.search(r"^ExecStart=(\S+) (.*)$", text, re.MULTILINE)
    assert command is not None and command[1].endswith(".venv/bin/workbench")
    unit = tmp_path / "workbench.service"
    unit.write_text(text.replace(command[1], sys.executable), "utf-8")
    checked = subprocess.run(
        [program, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    said = [line for line in checked.stderr.splitlines() if "workbench.service" in line]
    assert checked.returncode == 0 and not said, checked.stderr


def test_what_unit_and_container_run_is_a_command_of_ours() -> None:
    unit = re.search(r"^ExecStart=\S+ (.*)$", (DEPLOY / "workbench.service").read_text(), re.MULTILINE)
    image = re.search(r"^CMD (\[\"serve.*\])$", (DEPLOY / "Containerfile").read_text(), re.MULTILINE)
    assert unit is not None and image is not None
    from typer.main import get_command

    from workbench.cli import app as cli

    for words in (unit[1].split(), json.loads(image[1])):
        get_command(cli).commands[words[0]].make_context(words[0], words[1:], resilient_parsing=False)  # type: ignore[attr-defined]


def test_the_image_is_made_of_files_that_are_there() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    copied = [word for line in re.findall(r"^COPY (.*) \S+$", text, re.MULTILINE) for word in line.split()]
    built = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = built["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    needed = {*packages, "pyproject.toml", "constraints.txt", built["project"]["readme"], "LICENSE"}
    assert set(copied) == needed
    assert all((ROOT / name).exists() for name in copied)
    version = re.search(r"^FROM \S+python:(\d+)\.(\d+)", text, re.MULTILINE)
    assert version is not None and (int(version[1]), int(version[2])) >= (3, 11)
