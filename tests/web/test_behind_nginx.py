"""The proxy that docs/nginx.conf describes, with the product behind it."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.support import databases
from tests.support.browser import Server, free_port, serving, wait_for
from tests.support.cast import person
from tests.support.http import _SIGN_IN as SIGN_IN
from tests.support.http import Visitor

CONFIGURATION = Path(__file__).parents[2] / "docs" / "nginx.conf"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
SLOW = 60

AROUND = """
pid {folder}/nginx.pid;
error_log {folder}/error.log;
daemon off;
worker_processes 1;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {server}
}}
"""


@pytest.fixture(scope="module")
def product(
    database: databases.Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("product")
    with pytest.MonkeyPatch.context() as patch, database.fresh("demo") as url:
        patch.setenv("BEHIND_PROXIES", "1")
        with serving(url, folder, databases.TODAY) as server:
            yield server


@pytest.fixture(scope="module")
def address(product: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where nginx answers for the product."""
    if NGINX is None:
        if os.environ.get("ROADMAP_REQUIRE_NGINX"):
            pytest.fail("No nginx was found: apt-get install nginx-light")
        pytest.skip("No nginx was found: apt-get install nginx-light")
    folder = tmp_path_factory.mktemp("nginx")
    port = free_port()
    server = CONFIGURATION.read_text()
    for written, here in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("server 127.0.0.1:8000;", f"server {product.url.removeprefix('http://')};"),
    ):
        assert server.count(written) == 1
        server = server.replace(written, here)
    file = folder / "nginx.conf"
    file.write_text(
        ("user root;\n" if os.geteuid() == 0 else "") + AROUND.format(folder=folder, server=server)
    )
    log = folder / "error.log"
    log.touch()
    with log.open("ab") as output:
        process = subprocess.Popen(
            [NGINX, "-p", str(folder), "-c", str(file)], stdout=output, stderr=output
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", process, log)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(15)


pytestmark = pytest.mark.only("sqlite")


def connected(address: str, data: bytes) -> socket.socket:
    host, _, port = address.partition(":")
    connection = socket.create_connection((host, int(port)), timeout=30)
    connection.sendall(data)
    return connection


HALF_A_HEAD = b"GET /sign-in HTTP/1.1\r\nHost: x\r\nX-Slow: "
HALF_A_BODY = (
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nemail="
)


@pytest.mark.parametrize("sent", [HALF_A_HEAD, HALF_A_BODY], ids=["head", "body"])
def test_slow_clients_keep_nobody_waiting(address: str, sent: bytes) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(closing(connected(address, sent))) for _ in range(SLOW)]
        reader = Visitor(f"http://{address}")
        assert reader.get("/sign-in").status == 200
        for each in slow:
            each.setblocking(False)
            with pytest.raises(BlockingIOError):
                each.recv(1)  # none of them was answered or let go: they still hang


def test_whoever_takes_answers_slowly_keeps_nobody_waiting(address: str) -> None:
    reader = Visitor(f"http://{address}")
    found = re.search(r"/static/\S+?/tabler.min.css", reader.get("/sign-in").text)
    assert found
    ask = f"GET {found[0]} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with ExitStack() as stack:
        for _ in range(SLOW):
            stack.enter_context(closing(connected(address, ask)))
        assert reader.get("/sign-in").status == 200


@pytest.mark.parametrize(
    ("path", "length", "status"),
    [("/products", 2 << 20, 401), ("/products", (2 << 20) + 1, 413), ("/imports", 202 << 20, 413)],
)
def test_a_body_is_as_large_as_its_address_takes(
    address: str, path: str, length: int, status: int
) -> None:
    with closing(HTTPConnection(address, timeout=60)) as connection:
        connection.putrequest("POST", path)
        connection.putheader("Content-Length", str(length))
        connection.putheader("Content-Type", "application/x-www-form-urlencoded")
        connection.endheaders()
        if status != 413:
            connection.send(b"a=" + b"x" * (length - 2))
        assert connection.getresponse().status == status


def test_a_head_is_not_endless(address: str) -> None:
    with closing(HTTPConnection(address, timeout=60)) as connection:
        connection.request("GET", "/sign-in", headers={"X-Long": "x" * 40_000})
        assert connection.getresponse().status == 400


def test_what_a_browser_claims_of_itself_goes_no_further(address: str) -> None:
    """Wrong passwords are counted by address: one that is made up for each would not count."""
    priya = Visitor(f"http://{address}")
    who = person("product")
    fields = priya.get("/sign-in").fields(SIGN_IN)
    claimed = "192.0.2.7"
    with closing(HTTPConnection(address, timeout=60)) as connection:
        connection.request(
            "POST",
            "/sign-in?next=/sessions",
            urlencode({**fields, "email": who.email, "password": who.password}),
            {
                "Cookie": priya.cookie,
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Forwarded-For": claimed,
                "Forwarded": f"for={claimed}",
                "X-Real-IP": claimed,
                "X-Forwarded-Proto": "https",
                "X-Forwarded-Host": "evil.example",
                "X-Forwarded-Prefix": "/evil",
            },
        )
        answer = connection.getresponse()
        answer.read()
    assert (answer.status, answer.headers["Location"]) == (303, "/sessions")
    cookies = [each.partition(";")[0] for each in answer.headers.get_all("Set-Cookie") or ()]
    priya.cookie = next(each for each in cookies if "roadmap=" in each)
    sessions = priya.get("/sessions").text
    assert "127.0.0.1" in sessions
    assert claimed not in sessions


def test_an_answer_of_the_product_comes_through_whole(address: str) -> None:
    priya = Visitor(f"http://{address}").sign_in("product")
    assert "</html>" in priya.get("/board").text
    assert priya.get("/healthz").status == 200


def test_slow_forms_leave_threads_to_readers_even_without_a_proxy(product: Server) -> None:
    """Forms never take the last threads, and whoever falls silent is let go."""
    with ExitStack() as stack:
        host = product.url.removeprefix("http://")
        for _ in range(SLOW):
            stack.enter_context(closing(connected(host, HALF_A_BODY)))
        assert Visitor(product.url).get("/sign-in").status == 200
