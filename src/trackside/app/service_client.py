"""The service (docs/service.md) as our own programs ask it, with the standard library alone."""

import ipaddress
import json
import re
import ssl
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import (
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
)

from trackside.errors import ParameterError, ServiceError

PATIENCE = 30.0
"""s that the service may take to answer."""
LARGEST_ANSWER = 1 << 24
"""Bytes."""
TOKEN = re.compile("[!-~]+")
WHOSE_TOKEN = "give a token with TRACKSIDE_TOKEN or --token, as trackside users token NAME prints"  # noqa: S105


class _NoRedirects(HTTPRedirectHandler):
    """Goes nowhere else: the token is for the address that was named."""

    def redirect_request(
        self,
        req: Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        """Take the redirection for the answer."""


class ServiceClient:
    """Asks the service at an address, showing a token.

    With https its certificate is checked against the system's authorities, or those of
    ``SSL_CERT_FILE``. ``patience``: s that it may be silent. Raises :class:`ParameterError` for an
    address or a token that cannot be one.
    """

    def __init__(self, address: str, token: str | None = None, patience: float = PATIENCE) -> None:
        self.address = _checked(address)
        if token is not None and not TOKEN.fullmatch(token):
            raise ParameterError("the token has spaces or signs that no token has: copy it again")
        self._token = token
        self._patience = patience
        self._opener = _opener(self.address)

    def get(self, *path: str, **query: str) -> Any:
        """What is at a path; raises :class:`ServiceError`."""
        return self._ask("GET", path, None, query)

    def put(self, *path: str, document: Mapping[str, Any]) -> Any:
        """Store a document at a path, in place of what is there; raises :class:`ServiceError`."""
        return self._ask("PUT", path, document)

    def post(self, *path: str, document: Mapping[str, Any]) -> Any:
        """Hand a document to a path, and return the answer; raises :class:`ServiceError`."""
        return self._ask("POST", path, document)

    def _ask(
        self,
        method: str,
        path: tuple[str, ...],
        document: Mapping[str, Any] | None,
        query: Mapping[str, str] | None = None,
    ) -> Any:
        place = "/".join(quote(part, safe="") for part in path)
        url = f"{self.address}/{place}{'?' + urlencode(query) if query else ''}"
        body = None if document is None else json.dumps(document, allow_nan=False).encode()
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        asked = Request(url, body, headers, method=method)  # noqa: S310 - http or https, checked
        try:
            with self._opener.open(asked, timeout=self._patience) as answer:
                content = answer.read(LARGEST_ANSWER)
        except HTTPError as error:
            with error:
                raise self._refusal(error) from None
        except (OSError, HTTPException) as error:
            raise ServiceError(self.address, self._why_unreachable(error)) from None
        try:
            return json.loads(content) if content else None
        except ValueError:
            raise ServiceError(self.address, f"answers something else: {_NO_SERVICE}") from None

    def _refusal(self, error: HTTPError) -> ServiceError:
        if 300 <= error.code < 400:
            to = error.headers.get("Location", "somewhere else")
            message = f"it sends on to {to}: name the service's own address"
        else:
            message = _detail(error) or f"answers {error.code} without a reason: {_NO_SERVICE}"
            message += f" ({WHOSE_TOKEN})" if error.code == 401 else ""
        return ServiceError(self.address, message, error.code)

    def _why_unreachable(self, error: Exception) -> str:
        reason = error.reason if isinstance(error, URLError) else error
        if isinstance(reason, TimeoutError):
            return f"no answer within {self._patience:g} s"
        if isinstance(reason, ssl.SSLCertVerificationError):
            return f"its certificate is not to be trusted: {reason.verify_message}"
        if isinstance(reason, ssl.SSLError):
            return "it does not speak HTTPS there: is it http:// instead?"
        if isinstance(reason, HTTPException):
            return f"it does not speak HTTP there: {_NO_SERVICE}"
        if isinstance(reason, OSError) and reason.strerror:
            return f"not to be reached: {reason.strerror}"
        return f"not to be reached: {reason}"


_NO_SERVICE = "is a Trackside service there?"


def _checked(address: str) -> str:
    """The address without a slash at its end."""
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment or parts.username is not None:
        shown = address.partition("#")[0]  # a link that signs in ends with its token
        raise ParameterError(
            f"{shown!r} is no service's address: expected one such as https://plans.example.org"
        )
    return address.rstrip("/")


def _opener(address: str) -> OpenerDirector:
    handlers = [_NoRedirects(), HTTPSHandler(context=ssl.create_default_context())]
    if _is_this_computer(urlsplit(address).hostname or ""):
        return build_opener(ProxyHandler({}), *handlers)
    return build_opener(*handlers)


def _is_this_computer(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _detail(error: HTTPError) -> str | None:
    """The one sentence of a refusal."""
    try:
        told = json.loads(error.read(LARGEST_ANSWER))["detail"]
    except (OSError, HTTPException, ValueError, LookupError, TypeError):
        return None
    return told if isinstance(told, str) else None
