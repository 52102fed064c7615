"""Whether what a deploy left in a local cloud is still there: a few cheap questions, without loading boto3.

Another could have removed it with the AWS CLI, and the stamp would not know.
"""

import http.client
import json
import os
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from model_service_cli.deploy.target import Deployment, local_keys

ALIAS = "live"  # what the state machine calls: see infra/functions.tf

_SECONDS = 10
_OK = 200


def missing(deployment: Deployment, outputs: Mapping[str, Any]) -> str | None:
    """The first of buckets, functions and state machine that does not answer, as words; None where all are there.

    outputs: of the deploy. A cloud that answers otherwise than the local one (it checks signatures, say) has none of
    them for us: Terraform then looks.
    """
    where = urlsplit(deployment.endpoint)
    connect = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
    connection = connect(where.hostname or "", where.port, timeout=_SECONDS)
    key = local_keys(os.environ)["AWS_ACCESS_KEY_ID"]
    try:
        for what, service, method, path, headers, body in _questions(outputs):
            # The local cloud asks whose key it is, not whether the signature fits.
            scope = f"{key}/20250101/{outputs.get('region', 'us-east-1')}/{service}/aws4_request"
            signed = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}"
            connection.request(method, path, body, {"Authorization": signed, **headers})
            answer = connection.getresponse()
            answer.read()
            if answer.status != _OK:
                return what
    except (KeyError, AttributeError, TypeError):  # outputs of another version of infra/
        return "what the stamp tells of"
    except (OSError, http.client.HTTPException):
        return "the answer to what is deployed"
    finally:
        connection.close()
    return None


def _questions(outputs: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str, dict[str, str], str | None]]:
    for name in ("training_data_bucket", "training_artifact_bucket"):
        bucket = outputs[name]
        yield f"the bucket {bucket}", "s3", "HEAD", f"/{quote(bucket)}", {}, None
    for function in outputs["function_names"].values():
        path = f"/2015-03-31/functions/{quote(function)}?Qualifier={ALIAS}"
        yield f"the function {function}", "lambda", "GET", path, {}, None
    machine = outputs["state_machine_arn"]
    headers = {
        "X-Amz-Target": "AWSStepFunctions.DescribeStateMachine",
        "Content-Type": "application/x-amz-json-1.0",
    }
    body = json.dumps({"stateMachineArn": machine})
    yield f"the state machine {machine.rpartition(':')[2]}", "states", "POST", "/", headers, body
