"""The first handler of LocalStack's gateway: a request goes on only with a key of this start of the local cloud.

LocalStack itself takes any key and none, so that another user of the machine, or a form on a web page (which needs no
preflight), could call it. Its own calls from service to service carry a secret that never leaves the process. Health
and identity are open, and say nothing but that; so the two that ask who is there need no key.
"""

import hmac
import json
import os
import secrets
import threading
from typing import Any

from localstack import constants
from localstack.aws import connect, handlers
from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.chain import HandlerChain
from localstack.aws.protocol.service_router import determine_aws_protocol, determine_aws_service_model
from localstack.http import Response
from localstack.runtime import hooks
from localstack.utils.analytics.metadata import get_session_id

from local_cloud.keys import KEY_ID, key_id_of_request

_OPEN = ("/_localstack/health", "/_localstack/info")
_HEADER = "X-Local-Cloud-Internal"
_INTERNAL = secrets.token_hex(32)

# As the services of AWS name a key that they do not know.
_REFUSALS = {"s3": "InvalidAccessKeyId", "query": "InvalidClientTokenId", "ec2": "AuthFailure"}
_REFUSAL = "UnrecognizedClientException"
_MESSAGE = (
    "The local cloud does not know this access key: its keys are made anew with every start, "
    "and scripts/local-env.sh reads them"
)

_FUNCTIONS = "exec-env/AWS_Lambda_"  # boto3 in a function says so in the name of its user agent

_caller = threading.local()  # a request is handled on one thread from beginning to end


def called_by_a_function() -> bool:
    """Whether the request that this thread handles comes from a Lambda function."""
    return getattr(_caller, "is_function", False)


@hooks.on_infra_start()
def guard_the_gateway() -> None:
    """Before the gateway listens."""
    handlers.preprocess_request.handlers.insert(0, _look_at_the_caller)
    if KEY_ID not in os.environ:
        return
    handlers.preprocess_request.handlers.insert(1, _let_in)
    made = connect.InternalClientFactory._get_client_post_hook

    def with_the_secret(self: connect.InternalClientFactory, client: Any) -> Any:
        client.meta.events.register("before-call.*.*", _add_the_secret)
        return made(self, client)

    connect.InternalClientFactory._get_client_post_hook = with_the_secret


def _add_the_secret(params: dict[str, Any], **_: Any) -> None:
    params["headers"][_HEADER] = _INTERNAL


def _look_at_the_caller(chain: HandlerChain, context: RequestContext, response: Response) -> None:
    _caller.is_function = _FUNCTIONS in context.request.headers.get("User-Agent", "")


def _let_in(chain: HandlerChain, context: RequestContext, response: Response) -> None:
    request = context.request
    key = key_id_of_request(request.headers, request.args)
    if _equal(key, os.environ[KEY_ID]) or _equal(request.headers.get(_HEADER), _INTERNAL):
        return
    if request.path in _OPEN and request.method in ("GET", "HEAD"):
        identity = {"session_id": get_session_id(), "version": constants.VERSION, "edition": "community"}
        chain.respond(200, json.dumps(identity), {"Content-Type": "application/json"})
        return
    context.service = determine_aws_service_model(request)
    if context.service is None:
        chain.respond(403, json.dumps({"message": _MESSAGE}), {"Content-Type": "application/json"})
        return
    context.protocol = determine_aws_protocol(request, context.service)
    # The words of an error are the service's, whatever was asked: any operation of it serves to write them.
    context.operation = context.service.operation_model(context.service.operation_names[0])
    names = (_REFUSALS.get(name) for name in (context.service.service_name, context.protocol))
    raise CommonServiceException(next(filter(None, names), _REFUSAL), _MESSAGE, 403, sender_fault=True)


def _equal(given: str | None, expected: str) -> bool:
    return hmac.compare_digest((given or "").encode(), expected.encode())
