# Renders every policy, once as it is by default and once with everything on, for the tests beside this file to read.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  training_data_bucket     = "example-data"
  training_artifact_bucket = "example-artifacts"
}

run "defaults" {
  assert {
    condition     = output.account_id == "123456789012"
    error_message = "The tests' requests are for this account."
  }
}

run "everything" {
  variables {
    kms_key_arn         = "arn:aws:kms:us-east-1:123456789012:key/ours"
    former_kms_key_arns = ["arn:aws:kms:us-east-1:123456789012:key/former"]
    data_kms_key_arns   = ["arn:aws:kms:us-east-1:210987654321:key/data"]
    create_data_bucket  = false
    # The data is another team's.
    training_data_account = "210987654321"
    trigger_on_upload     = true
    schedule_expression   = "rate(1 day)"
    alarms                = true
  }

  assert {
    condition     = output.account_id == "123456789012"
    error_message = "The tests' requests are for this account."
  }
}
