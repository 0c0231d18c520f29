"""Asking over HTTP: real servers that change, refuse, hang, and go."""

import gzip
import json
import shutil
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiohttp import web

from tests.collector.sources.site import Site, hang, refusal, site
from tui.collector.sources import http as asking
from tui.collector.sources.http import Http
from tui.config import SourceKind, SourceSettings
from tui.errors import SevError
from tui.formats.decode import Json


def settings(url: str, token_file: Path | None = None, ca_file: Path | None = None) -> SourceSettings:
    return SourceSettings(name="am", kind=SourceKind.ALERTMANAGER, url=url, token_file=token_file, ca_file=ca_file)


async def asked(http: Http, path: str = "/x") -> Json:
    try:
        return (await http.get(path)).json
    finally:
        await http.close()


async def refused(url: str, *, patience: float = 5.0, token_file: Path | None = None) -> tuple[SevError, Http]:
    http = Http(settings(url, token_file), patience=patience)
    with pytest.raises(SevError) as caught:
        await asked(http)
    return caught.value, http


async def test_the_token_is_read_anew_for_every_question(tmp_path: Path) -> None:
    token = tmp_path / "token"
    async with site() as served:
        served.serve("/x", [1])
        http = Http(settings(served.url, token))
        for written in ("first\n", "Basic dTpw"):
            token.write_text(written)
            assert (await http.get("/x", [("state", "a b"), ("state", "c")])).json == [1]
        await http.close()
    assert [one.headers["authorization"] for one in served.asked] == ["Bearer first", "Basic dTpw"]
    assert served.asked[0].query == [("state", "a b"), ("state", "c")]
    assert served.asked[0].headers["user-agent"] == "sev"


async def test_another_pattern_of_authority(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("k1")
    async with site() as served:
        served.serve("/x", {})
        await asked(Http(settings(served.url, tmp_path / "token"), authority="Token token={}"))
    assert served.asked[0].headers["authorization"] == "Token token=k1"


@pytest.mark.parametrize("content", [b"", b"\n", b"two\nlines", b"\xff\xfe"])
async def test_a_token_that_is_none_asks_nobody(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "token").write_bytes(content)
    async with site() as served:
        error, _ = await refused(served.url, token_file=tmp_path / "token")
    assert str(tmp_path / "token") in str(error)
    assert served.asked == []


async def test_what_did_not_change_is_not_sent_again() -> None:
    async def page(request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("If-None-Match") == '"v1"':
            return web.Response(status=304)
        return web.json_response({"n": 1}, headers={"ETag": '"v1"', "Last-Modified": "Tue, 24 Nov 2026 14:00:00 GMT"})

    async with site() as served:
        served.serve("/x", page)
        http = Http(settings(served.url))
        assert [(await http.get("/x")).json for _ in range(3)] == [{"n": 1}] * 3
        assert (await http.get("/x", [("page", "2")])).json == {"n": 1}, "another question has an answer of its own"
        await http.close()
    told = [one.headers.get("if-none-match") for one in served.asked]
    assert told == [None, '"v1"', '"v1"', None]
    assert served.asked[1].headers["if-modified-since"] == "Tue, 24 Nov 2026 14:00:00 GMT"


@pytest.mark.parametrize(
    ("told", "least", "most"),
    [
        ("7", 7, 7),
        ("in 90 seconds, as a date", 60, 90),
        ("soon", None, None),
        ("99999999999", None, None),
    ],
)
async def test_a_server_says_when_to_come_again(told: str, least: float | None, most: float | None) -> None:
    if told.endswith("as a date"):
        told = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    async with site() as served:
        served.serve("/x", refusal(429, Retry_After=told))
        error, http = await refused(served.url)
        assert "answers 429: go away" in str(error)
        if least is None or most is None:
            assert http.asked_to_wait is None
        else:
            assert http.asked_to_wait is not None
            assert least <= http.asked_to_wait <= most
        served.serve("/x", {})
        await asked(http)
        assert http.asked_to_wait is None, "an answer ends it"


@pytest.mark.parametrize(
    ("status", "mend"),
    [(401, "check the token_file"), (403, "check the token_file"), (404, "check the url"), (500, "")],
)
async def test_a_refusal_says_what_to_check(status: int, mend: str) -> None:
    async with site() as served:
        served.serve("/x", refusal(status))
        error, _ = await refused(served.url)
    assert (error.what, error.why, error.mend) == (f"{served.url}/x answers {status}", "go away", mend)


async def test_what_may_be_missing_is_an_answer() -> None:
    async with site() as served:
        http = Http(settings(served.url))
        assert (await http.get("/nowhere", may_miss=True)).missing
        await http.close()


async def test_a_token_does_not_follow_to_another_place(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret")
    async with site() as other, site() as served:
        other.serve("/x", [])
        served.serve("/x", refusal(302, Location=f"{other.url}/x"))
        error, _ = await refused(served.url, token_file=tmp_path / "token")
    assert other.asked == []
    assert error.mend == f"it moved to {other.url}/x, set url to that"


async def test_a_server_that_hangs_is_left_in_time() -> None:
    async with site() as served:
        served.serve("/x", hang)
        error, _ = await refused(served.url, patience=0.1)
    assert str(error) == f"no answer from {served.url}/x: waited 0.1s"


async def test_a_server_that_is_not_there() -> None:
    async with site() as served:
        url = served.url
    error, _ = await refused(url)
    assert str(error).startswith(f"cannot reach {url}/x: ")


async def test_a_body_that_breaks_off() -> None:
    async def page(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"[1, ")
        assert request.transport is not None
        request.transport.close()
        return response

    async with site() as served:
        served.serve("/x", page)
        error, _ = await refused(served.url)
    assert str(error).startswith(f"cannot reach {served.url}/x: ")


@pytest.mark.parametrize("packed", [False, True])
async def test_an_answer_beyond_the_limit_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    monkeypatch.setattr(asking, "LIMIT", 1 << 20)
    body = json.dumps("x" * (4 << 20)).encode()

    async def page(_: web.BaseRequest) -> web.StreamResponse:
        coded = {"Content-Encoding": "gzip"} if packed else {}
        return web.Response(body=gzip.compress(body) if packed else body, headers=coded)

    async with site() as served:
        served.serve("/x", page)
        error, _ = await refused(served.url)
    assert str(error) == f"the answer of {served.url}/x is too long: more than 1 MB"


@pytest.mark.parametrize("body", [b"", b"<html>log in</html>", b"[NaN]", b"[" * 70])
async def test_an_answer_that_is_not_json(body: bytes) -> None:
    async def page(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=body)

    async with site() as served:
        served.serve("/x", page)
        error, _ = await refused(served.url)
    assert str(error).startswith(f"the answer of {served.url}/x is not JSON: ")
    assert error.mend == "check the url"


async def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with site() as proxy:
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("http_proxy", proxy.url)
        proxy.serve("/x", [2])
        assert await asked(Http(settings("http://am.example:9093"))) == [2]
    assert proxy.asked[0].headers["host"] == "am.example:9093"


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-keyout", key, "-out", cert, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


async def test_an_authority_of_ones_own(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    cert, key = certificate
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    served = Site()
    served.serve("/x", [3])
    runner = web.ServerRunner(web.Server(served.answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    url = f"https://127.0.0.1:{runner.addresses[0][1]}"
    assert await asked(Http(settings(url, ca_file=cert))) == [3]
    error, _ = await refused(url)
    assert "CERTIFICATE_VERIFY_FAILED" in str(error), "without it nobody vouches for the server"
    (tmp_path / "none.pem").write_text("no certificate")
    with pytest.raises(SevError, match="is no authority to trust"):
        await asked(Http(settings(url, ca_file=tmp_path / "none.pem")))
    await runner.cleanup()


async def test_a_question_is_posted_as_json() -> None:
    async with site() as served:
        served.serve("/q", {"data": "\ud83d"})
        http = Http(settings(served.url))
        assert (await http.post("/q", {"query": "{ x }", "odd": "\ud800"})).json == {"data": "\ud83d"}
        await http.close()
    (one,) = served.asked
    assert (one.method, one.headers["content-type"]) == ("POST", "application/json")
    assert json.loads(one.body) == {"query": "{ x }", "odd": "\ud800"}
