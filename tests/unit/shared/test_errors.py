"""The names of the errors are a contract with the state machine."""

import inspect

from shared import errors


def test_the_permanent_errors_are_those_of_the_contract():
    permanent = {
        name
        for name, value in inspect.getmembers(errors, inspect.isclass)
        if issubclass(value, errors.PermanentError) and value is not errors.PermanentError
    }
    assert permanent == {
        "InvalidRequestError",
        "DatasetNotFoundError",
        "InvalidDatasetError",
        "DatasetChangedError",
        "ModelRejectedError",
        "ArtifactConflictError",
    }


def test_the_transient_error_is_no_permanent_one():
    assert not issubclass(errors.TransientStorageError, errors.PermanentError)


def test_every_error_says_what_it_means():
    for _, error in inspect.getmembers(errors, inspect.isclass):
        assert inspect.getdoc(error)
