from publish_artifact.card.groups import groups


def test_each_group_has_its_interval_and_the_recall_of_the_positive_class(full, subject_of):
    artifact = full("candles")
    html = groups(subject_of(artifact))
    assert (
        '<td class="n">40</td><td class="n">90.0% <br><span class="soft">77.0% to 96.0%</span></td>' in html
    )
    assert f"recall of <bdi>{artifact['evaluation']['positive_class']}</bdi>" in html
    assert "<bdi>(missing)</bdi>" in html
    assert "<bdi>(any other)</bdi>" in html


def test_without_sensitive_columns_there_is_no_such_section(published, subject_of):
    assert groups(subject_of(published("iris"), groups=[])) == ""
