"""S3 refuses, fails, breaks off or is slow."""

import pytest
from fault_lab import Trial
from fault_proxy import altered, cut_after, lost, refused, shortened, slow
from fault_scenarios import FETCH, MODEL, STEPS, SUMMARIZE, VERSION, scenario

REFUSED = {"error": "InvalidRequestError", "cause": "may not be accessed: S3 answered AccessDenied"}
FINE = {"leaves": MODEL, "cached": STEPS}
# The S3 client tries four times by itself.
ONE_ATTEMPT = 4


@scenario("the artifact bucket refuses the run's files (403)", **REFUSED, cached=())
def test_the_bucket_refuses_the_files_of_a_run(trial: Trial) -> None:
    with trial.fault("PUT", "/runs/", refused(403, "AccessDenied"), times=None):
        trial.ended(trial.start())
    trial.next_run()


@scenario("the artifact bucket refuses the version (403)", **REFUSED, cached=(FETCH, SUMMARIZE))
def test_the_bucket_refuses_the_version(trial: Trial) -> None:
    with trial.fault("PUT", trial.version_path, refused(403, "AccessDenied"), times=None):
        trial.ended(trial.start())
    trial.next_run()


@scenario(
    "the artifact bucket refuses the stable key (403)", **REFUSED, leaves=VERSION, cached=(FETCH, SUMMARIZE)
)
def test_the_bucket_refuses_the_stable_key(trial: Trial) -> None:
    with trial.fault("PUT", trial.stable_path, refused(403, "AccessDenied"), times=None):
        trial.ended(trial.start())
    trial.next_run()


@scenario(
    "the artifact bucket refuses the card (403)",
    told="SUCCEEDED, with `card` null",
    leaves=MODEL,
    cached=STEPS,
)
def test_the_bucket_refuses_the_card(trial: Trial) -> None:
    with trial.fault("PUT", trial.card_path, refused(403, "AccessDenied"), times=None) as rule:
        output = trial.ended(trial.start())
    assert (output["card"], rule.hits) == (None, 2)
    assert trial.next_run()["card"]["key"].endswith(".card.html")


@pytest.fixture(scope="module")
def never_answered(lab, csv):
    """An execution whose reads are all answered 503, begun before the other tests: it takes a minute to give up."""
    trial = Trial(lab, test_s3_answers_503_for_ever.scenario, csv)
    with trial.fault("GET", trial.source_path, refused(503, "ServiceUnavailable"), times=None) as rule:
        yield trial, trial.start(), rule


@pytest.mark.usefixtures("never_answered")
@scenario("S3 answers 503 SlowDown twice to a read of the CSV", **FINE)
def test_s3_asks_to_slow_down(trial: Trial) -> None:
    with trial.fault("GET", trial.source_path, refused(503, "SlowDown"), times=2) as rule:
        trial.ended(trial.start())
    assert rule.hits == 2
    trial.next_run()


@scenario("S3 answers 500 InternalError twice to a write of the summary", **FINE)
def test_s3_has_an_internal_error(trial: Trial) -> None:
    with trial.fault("PUT", "/summary.json$", refused(500, "InternalError"), times=2) as rule:
        trial.ended(trial.start())
    assert rule.hits == 2
    trial.next_run()


@scenario("S3 answers 503 for longer than the client tries", **FINE, retries=1)
def test_s3_answers_503_for_longer_than_the_client_tries(trial: Trial) -> None:
    with trial.fault("PUT", "/summary.json$", refused(503, "ServiceUnavailable"), times=ONE_ATTEMPT) as rule:
        trial.ended(trial.start())
    assert rule.hits == ONE_ATTEMPT
    trial.next_run()


@scenario("S3 cuts the connection in the middle of the CSV", **FINE)
def test_the_connection_is_cut_in_the_csv(trial: Trial) -> None:
    with trial.fault("GET", trial.source_path, cut_after(10_000)):
        trial.ended(trial.start())
    trial.next_run()


@scenario("S3 cuts the connection in the middle of a part", **FINE, retries=1)
def test_the_connection_is_cut_in_a_part(trial: Trial) -> None:
    with trial.fault("GET", r"/part-00000\.npz$", cut_after(2_000)):
        trial.ended(trial.start())
    trial.next_run()


@scenario("S3 sends the beginning of the CSV as if it were all", **FINE)
def test_the_csv_arrives_short(trial: Trial) -> None:
    with trial.fault("GET", trial.source_path, shortened(10_000)):
        output = trial.ended(trial.start())
    assert output["dataset"]["rows"] == trial.csv.count(b"\n") - 1
    trial.next_run()


@scenario("S3 sends the beginning of the manifest as if it were all", **FINE, retries=1)
def test_the_manifest_arrives_short(trial: Trial) -> None:
    # FetchAndValidate looks for one first, and there is none.
    with trial.fault("GET", "/dataset/manifest.json$", shortened(100), times=2):
        trial.ended(trial.start())
    trial.next_run()


@scenario("a byte of a part changes on the way", **FINE, retries=1)
def test_a_part_is_altered_on_the_way(trial: Trial) -> None:
    with trial.fault("GET", r"/part-00000\.npz$", altered):
        trial.ended(trial.start())
    trial.next_run()


@scenario("S3 is slow: every answer takes half a second", **FINE)
def test_s3_is_slow(trial: Trial) -> None:
    with trial.fault("GET", r"/part-00000\.npz$|\.csv$", slow, times=None) as rule:
        trial.ended(trial.start())
    assert rule.hits > 2
    trial.next_run()


@scenario("S3 writes the version, and its answer is lost", **FINE)
def test_the_answer_to_the_version_is_lost(trial: Trial) -> None:
    with trial.fault("PUT", trial.version_path, lost):
        trial.ended(trial.start())
    trial.next_run()


@scenario("S3 moves the stable key, and its answer is lost", **FINE)
def test_the_answer_to_the_stable_key_is_lost(trial: Trial) -> None:
    with trial.fault("PUT", trial.stable_path, lost):
        trial.ended(trial.start())
    trial.next_run()


@scenario(
    "S3 answers 503 to every read of the CSV",
    error="TransientStorageError",
    cause="S3 answered ServiceUnavailable",
    retries=5,
    cached=(),
)
def test_s3_answers_503_for_ever(never_answered) -> None:
    trial, run, rule = never_answered
    trial.ended(run)
    assert rule.hits > 6  # the client tries again as well, until its quota of retries is used up
    trial.lab.proxy.withdraw(rule)
    trial.next_run()
