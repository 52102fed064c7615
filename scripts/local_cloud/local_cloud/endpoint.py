"""What answers at an endpoint URL: an AWS API, something else, nothing, or somebody who keeps silent."""

import http.client
import ipaddress
import json
import urllib.parse
from dataclasses import dataclass
from enum import Enum

_STS_REQUEST = "Action=GetCallerIdentity&Version=2011-06-15"
ANSWER_SECONDS = 10.0  # a local cloud that is busy with a hundred executions takes one or two


def _sts_headers(key_id: str) -> dict[str, str]:
    """Signed with nothing: an emulator answers, and AWS itself refuses in a document that names its own namespace."""
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={key_id}/20250101/us-east-1/sts/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=" + "0" * 64,
        "X-Amz-Date": "20250101T000000Z",
    }


class Answer(Enum):
    NOTHING = "nothing"
    SILENT = "silent"  # it takes the connection and says nothing: hung, stopped or overloaded
    AWS = "aws"
    REFUSES = "refuses"  # AWS, but not for this key
    OTHER = "other"


class EndpointError(ValueError):
    """The URL cannot be an endpoint."""


@dataclass(frozen=True)
class Endpoint:
    """An http or https URL taken apart."""

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, url: str) -> "Endpoint":
        """Raises EndpointError."""
        parts = urllib.parse.urlsplit(url)
        try:
            port = parts.port
        except ValueError as error:
            raise EndpointError(f"{url!r} is not an endpoint URL: {error}") from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise EndpointError(f"{url!r} is not an endpoint URL such as http://localhost:4566")
        return cls(parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80))

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def loopback_address(self) -> str | None:
        """The IPv4 loopback address the host stands for; None when it is not one."""
        if self.host == "localhost":
            return "127.0.0.1"
        try:
            address = ipaddress.ip_address(self.host)
        except ValueError:
            return None
        return str(address) if address.version == 4 and address.is_loopback else None

    def probe(self, key_id: str = "test", timeout: float = ANSWER_SECONDS) -> Answer:
        """Ask who is there, and whether it takes this access key; each question may take timeout seconds."""
        try:
            is_localstack = self.localstack_info(timeout) is not None
            _, body = self._ask("POST", "/", timeout, _STS_REQUEST, _sts_headers(key_id))
        except (ConnectionRefusedError, ConnectionResetError, _UnreachableError):
            return Answer.NOTHING
        except TimeoutError:
            return Answer.SILENT
        except (OSError, http.client.HTTPException):
            return Answer.OTHER  # it took the connection and does not speak HTTP
        if is_localstack:
            return Answer.REFUSES if b"InvalidClientTokenId" in body else Answer.AWS
        is_sts = b"GetCallerIdentityResponse" in body or b"sts.amazonaws.com" in body
        return Answer.AWS if is_sts else Answer.OTHER

    def localstack_info(self, timeout: float = ANSWER_SECONDS) -> dict | None:
        """LocalStack's description of itself (session_id is new with every start); None from anyone else."""
        status, body = self._ask("GET", "/_localstack/info", timeout)
        if status != http.HTTPStatus.OK:
            return None
        try:
            document = json.loads(body)
        except ValueError:
            return None
        return document if isinstance(document, dict) and "session_id" in document else None

    def _ask(
        self,
        method: str,
        path: str,
        timeout: float,
        body: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes]:
        secure = self.scheme == "https"
        connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = connect(self.loopback_address or self.host, self.port, timeout=timeout)
        try:
            try:
                connection.connect()
            except ConnectionRefusedError:
                raise
            except TimeoutError as error:
                if self.loopback_address is not None:  # nothing is far away there: its queue is full
                    raise
                raise _UnreachableError(str(error)) from error
            except OSError as error:
                raise _UnreachableError(str(error)) from error
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read(1_000_000)
        finally:
            connection.close()


class _UnreachableError(Exception):
    """No connection at all: unknown host, no route, no answer."""
