"""A gateway server for LocalStack that listens where GATEWAY_LISTEN says.

LocalStack's own twisted server takes only the port from an IPv4 address and listens on every interface. This
one takes its place by LocalStack's plugin point for servers (GATEWAY_SERVER=loopback). It speaks HTTP only.
"""

from typing import Any

from localstack import config
from localstack.runtime.server.core import RuntimeServer, RuntimeServerPlugin
from localstack.runtime.server.twisted import TwistedRuntimeServer
from rolo.gateway import Gateway
from rolo.serving.twisted import TwistedGateway
from twisted.internet import reactor


class LoopbackServerPlugin(RuntimeServerPlugin):
    name = "loopback"

    def load(self, *args: Any, **kwargs: Any) -> RuntimeServer:
        return LoopbackServer()


class LoopbackServer(TwistedRuntimeServer):
    """Raises twisted's CannotListenError for an address that is taken, so that LocalStack ends at once."""

    def register(
        self,
        gateway: Gateway,
        listen: list[config.HostAndPort],
        ssl_creds: tuple[str, str] | None = None,
    ) -> None:
        site = TwistedGateway(gateway)
        for address in listen:
            reactor.listenTCP(address.port, site, interface=address.host)
