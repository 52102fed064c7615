"""The way in for a step that is invoked alone: a plain request is sent to the step before it.

In the state machine every step receives the output of the step before, and nothing here is called.
Invoked by hand with a plain request, a step invokes its predecessor (which does the same in turn), so
that each function can be tried alone while no function holds another one's code.
"""

import json

import boto3
from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError

from shared.config import Config
from shared.errors import InvalidRequestError, PermanentError, TransientStorageError

# A step may take as long as Lambda allows, and a second invocation would do its work twice.
_CLIENT_CONFIG = ClientConfig(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=900)


def output_of_previous_step(event: object, config: Config) -> object:
    """The event itself when it names a task or has a run, else the previous step's output for this request.

    Raises the previous step's own error by its name; TransientStorageError when it cannot be invoked.
    """
    if not isinstance(event, dict) or "task" in event or "run" in event:
        return event
    if config.previous_step is None:
        raise InvalidRequestError(
            "the event is no step's output (run is missing), and PREVIOUS_STEP is not set"
        )
    try:
        response = boto3.client("lambda", config=_CLIENT_CONFIG).invoke(
            FunctionName=config.previous_step, Payload=json.dumps(event).encode()
        )
        payload = json.loads(response["Payload"].read())
    except (ClientError, BotoCoreError, OSError) as error:
        raise TransientStorageError(f"{config.previous_step} could not be invoked: {error}") from error
    if "FunctionError" in response:
        name, message = payload.get("errorType"), payload.get("errorMessage")
        for domain_error in (*PermanentError.__subclasses__(), TransientStorageError):
            if domain_error.__name__ == name:
                raise domain_error(message)
        raise RuntimeError(f"{config.previous_step} failed with {name}: {message}")
    return payload
