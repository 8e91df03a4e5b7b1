"""Our own client: whatever is at the other end, it says so in one sentence."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server
from threading import Thread

import pytest

from trackside.app.service_client import ServiceClient
from trackside.errors import ParameterError, ServiceError


@contextmanager
def answering(answer: bytes | None, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of something that answers one request so, or never."""
    with create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                try:
                    spoken = context.wrap_socket(connection, True) if context else connection
                    spoken.recv(65536)
                    if answer is None:
                        spoken.recv(1)  # until the client has lost patience
                    else:
                        spoken.sendall(answer)
                    spoken.close()
                except OSError:
                    pass  # the client has hung up

        thread = Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def http(status: str, body: str = "", *headers: str) -> bytes:
    """An answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", body]).encode()


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", None, "does not speak HTTP"),
        (http("200 OK", "<html>"), None, "is a Trackside service there?"),
        (http("404 Not Found", "<html>"), 404, "answers 404 without a reason"),
        (http("413 Too Large", '{"detail": "1 MiB at most"}'), 413, ": 1 MiB at most"),
        (http("401 No", '{"detail": "expected a token"}'), 401, "TRACKSIDE_TOKEN or --token"),
        (http("307 Go", "", "Location: http://evil.example/"), 307, "http://evil.example/: name"),
        (None, None, "no answer within 0.3 s"),
    ],
)
def test_whatever_answers_is_told_in_plain_words(
    answer: bytes | None, status: int | None, words: str
) -> None:
    """Something else, a refusal, a redirection that would carry the token away, silence."""
    with answering(answer) as port:
        client = ServiceClient(f"http://127.0.0.1:{port}", "secret", patience=0.3)
        with pytest.raises(ServiceError) as told:
            client.get("runners")
    assert told.value.status == status
    assert words in str(told.value)
    assert str(port) in str(told.value)
    assert "secret" not in str(told.value)


def test_nobody_there() -> None:
    """A service that is not running."""
    with create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(ServiceError, match="not to be reached") as told:
        ServiceClient(f"http://127.0.0.1:{port}").get("runners")
    assert told.value.status is None


def test_a_certificate_that_nobody_vouches_for_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger's certificate gets no token; one's own authority makes it good."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    certificate, key = tmp_path / "site.pem", tmp_path / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    made += [
        "-nodes",
        "-keyout",
        str(key),
        "-out",
        str(certificate),
        "-days",
        "2",
        "-subj",
        "/CN=here",
    ]
    made += ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with answering(http("200 OK", "[]"), context) as port:
        client = ServiceClient(f"https://127.0.0.1:{port}", "secret")
        with pytest.raises(ServiceError, match="its certificate is not to be trusted"):
            client.get("runners")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with answering(http("200 OK", "[]"), context) as port:
        assert ServiceClient(f"https://127.0.0.1:{port}", "secret").get("runners") == []


@pytest.mark.parametrize(
    "address",
    ["plans.example.org", "ftp://x", "http://", "https://x:99999", "http://u:p@x", "https://x/?a"],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    """Before anything is sent anywhere."""
    with pytest.raises(ParameterError, match="no service's address"):
        ServiceClient(address)


def test_a_link_that_signs_in_is_refused_without_its_token() -> None:
    """What trackside users prints holds a token, which no message repeats."""
    with pytest.raises(ParameterError) as told:
        ServiceClient("https://x/#token=secret")
    assert "secret" not in str(told.value)
    with pytest.raises(ParameterError, match="spaces or signs"):
        ServiceClient("https://x", "two words")
