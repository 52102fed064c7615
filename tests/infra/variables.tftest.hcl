# The variables' combinations, with a provider that makes nothing. In tests/ and not in infra/tests/: mock_provider
# needs Terraform 1.7, and an older one, which infra/ itself takes, would refuse to initialise beside this file.

mock_provider "aws" {
  source = "./tests/mocks"
}

# Names of an account's own: the defaults are the local cloud's.
variables {
  training_data_bucket     = "example-data"
  training_artifact_bucket = "example-artifacts"
}

run "everything_optional_is_off_by_default" {
  assert {
    condition = alltrue([
      length(aws_s3_bucket_notification.data) == 0,
      length(aws_cloudwatch_event_rule.uploaded) == 0,
      length(aws_scheduler_schedule.this) == 0,
      length(aws_sqs_queue.not_started) == 0,
      length(aws_iam_role.starter) == 0,
      length(aws_sns_topic.this) == 0,
      length(aws_cloudwatch_event_rule.ended) == 0,
      length(aws_cloudwatch_metric_alarm.functions_throttled) == 0,
      length(aws_cloudwatch_metric_alarm.heartbeat) == 0,
      length(aws_cloudwatch_metric_alarm.executions) == 0,
      length(aws_cloudwatch_dashboard.this) == 0,
      length(aws_lambda_provisioned_concurrency_config.live) == 0,
    ])
    error_message = "Something is made that nobody asked for."
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.step : function.kms_key_arn == null])
    error_message = "A function has a key that nobody named."
  }
}

run "an_upload_starts_an_execution_with_its_version_and_may_start_nothing_else" {
  variables {
    trigger_on_upload = true
  }

  assert {
    condition     = aws_s3_bucket_notification.data[0].eventbridge
    error_message = "The data bucket tells EventBridge nothing."
  }

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.uploaded["versioned"].event_pattern).detail == {
      bucket = { name = ["example-data"] }
      object = { key = [{ wildcard = "data/*.csv" }, { wildcard = "data/*.csv.gz" }], version-id = [{ exists = true }] }
    }
    error_message = "The rule matches other objects than CSV files under the data prefix."
  }

  assert {
    condition     = !strcontains(one(aws_cloudwatch_event_target.uploaded["unversioned"].input_transformer[*].input_template), "version_id")
    error_message = "The input of an object without version names one."
  }

  assert {
    condition     = flatten([for s in data.aws_iam_policy_document.starter["uploaded"].statement : s.actions]) == ["states:StartExecution"]
    error_message = "The role may do more than start an execution."
  }

  assert {
    condition     = one(data.aws_iam_policy_document.starter["uploaded"].statement).resources == toset(["arn:aws:states:us-east-1:123456789012:stateMachine:model-service-training-pipeline"])
    error_message = "The role may start other machines."
  }
}

run "an_existing_data_bucket_keeps_its_notifications" {
  variables {
    trigger_on_upload  = true
    create_data_bucket = false
  }

  assert {
    condition     = length(aws_s3_bucket_notification.data) == 0 && length(aws_cloudwatch_event_rule.uploaded) == 2
    error_message = "The notifications of a bucket that is somebody else's are overwritten."
  }
}

run "no_loop_one_bucket_for_data_and_artifacts_is_refused" {
  command = plan

  variables {
    trigger_on_upload        = true
    training_artifact_bucket = "example-data"
  }

  expect_failures = [aws_s3_bucket.this]
}

run "a_schedule_has_its_request_and_a_dead_letter_queue" {
  variables {
    schedule_expression = "rate(1 day)"
    schedule_input      = "{\"test_size\": 0.3}"
  }

  assert {
    condition     = jsondecode(one(aws_scheduler_schedule.this["this"].target[*].input)).test_size == 0.3
    error_message = "The request does not reach the execution."
  }

  assert {
    condition     = length(aws_sqs_queue.not_started) == 1 && length(aws_cloudwatch_event_rule.uploaded) == 0
    error_message = "A schedule needs a dead-letter queue and no rule."
  }
}

run "alarms_reach_every_address_and_watch_the_queue_only_where_there_is_one" {
  variables {
    alarms          = true
    alarm_emails    = ["a@example.com", "b@example.com"]
    rejected_emails = ["a@example.com"]
  }

  assert {
    condition     = length(aws_sns_topic_subscription.this) == 3 && length(aws_cloudwatch_metric_alarm.not_started) == 0
    error_message = "Wrong subscriptions or alarms."
  }

  assert {
    condition     = toset([for alarm in aws_cloudwatch_metric_alarm.executions : alarm.metric_name]) == toset(["ExecutionsTimedOut", "ExecutionThrottled"])
    error_message = "An alarm is missing."
  }

  assert {
    condition     = length(one(aws_cloudwatch_metric_alarm.functions_throttled[*].metric_query)) == 4 && length(aws_cloudwatch_metric_alarm.heartbeat) == 0
    error_message = "Throttled functions raise no alarm, or a success is missed that no schedule promises."
  }

  assert {
    condition     = { for topic, rule in aws_cloudwatch_event_target.ended : topic => rule.input_path } == { alarms = "$.detail", rejected = "$.detail" }
    error_message = "A failed execution is told to nobody."
  }

  # EventBridge takes an $or of fewer than two patterns for the name of a member, which no event has.
  assert {
    condition = alltrue([
      for rule in aws_cloudwatch_event_rule.ended : length(lookup(jsondecode(rule.event_pattern).detail, "$or", [1, 2])) >= 2
    ])
    error_message = "An $or has two patterns or more."
  }
}

run "with_everything_on_everything_uses_the_key" {
  variables {
    kms_key_arn             = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    trigger_on_upload       = true
    schedule_expression     = "cron(0 6 * * ? *)"
    alarms                  = true
    dashboard               = true
    provisioned_concurrency = 2
  }

  assert {
    condition = alltrue(concat(
      [for function in aws_lambda_function.step : function.kms_key_arn == var.kms_key_arn],
      [for group in aws_cloudwatch_log_group.step : group.kms_key_id == var.kms_key_arn],
      [aws_cloudwatch_log_group.state_machine.kms_key_id == var.kms_key_arn],
      [alltrue([for topic in aws_sns_topic.this : topic.kms_master_key_id == var.kms_key_arn])],
      [one(aws_sfn_state_machine.training_pipeline.encryption_configuration[*].kms_key_id) == var.kms_key_arn],
    ))
    error_message = "Something is encrypted with another key."
  }

  assert {
    condition = alltrue(flatten([
      for document in values(data.aws_iam_policy_document.step) : [
        for s in document.statement : length(setsubtract(s.resources, concat([var.kms_key_arn], var.data_kms_key_arns, var.former_kms_key_arns))) == 0 && length(s.condition) == 1
        if anytrue([for action in s.actions : startswith(action, "kms:")])
      ]
    ]))
    error_message = "A function may use the key without S3, or another key."
  }

  assert {
    condition     = one(aws_cloudwatch_metric_alarm.heartbeat[*].evaluation_periods) == 24
    error_message = "A schedule whose executions all fail, or start no more, raises no alarm."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.not_started) == 1 && length(aws_lambda_provisioned_concurrency_config.live) == 3
    error_message = "An alarm or a warm environment is missing."
  }

  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets) == 6
    error_message = "The dashboard lacks widgets."
  }
}

run "a_key_that_is_named_no_more_leaves_the_machine_and_may_still_decrypt" {
  variables {
    former_kms_key_arns = ["arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"]
  }

  assert {
    condition     = one(aws_sfn_state_machine.training_pipeline.encryption_configuration[*].type) == "AWS_OWNED_KEY"
    error_message = "Without the block the machine would keep the key."
  }

  assert {
    condition = alltrue([
      for document in concat(values(data.aws_iam_policy_document.step), [data.aws_iam_policy_document.state_machine]) :
      toset(flatten([for s in document.statement : s.actions if length(setintersection(s.resources, var.former_kms_key_arns)) == 1])) == toset(["kms:Decrypt"])
    ])
    error_message = "A role cannot read what lies under the older key, or may write under it."
  }
}

run "tracing_that_is_off_is_written_as_off" {
  variables {
    xray_tracing = false
  }

  assert {
    condition     = one(aws_sfn_state_machine.training_pipeline.tracing_configuration[*].enabled) == false && alltrue([for function in aws_lambda_function.step : one(function.tracing_config[*].mode) == "PassThrough"])
    error_message = "Left out, tracing would stay as it was."
  }
}

run "a_package_has_no_tags_of_the_deployment" {
  variables {
    tags = { for number in range(12) : "tag-${number}" => "value" }
  }

  assert {
    condition     = alltrue([for object in aws_s3_object.package : length(object.override_provider) == 1 && length(coalesce(one(one(object.override_provider).default_tags).tags, {})) == 0])
    error_message = "S3 refuses an object with more than ten tags."
  }
}

run "an_upload_starts_with_the_fields_that_one_says_and_the_address_of_the_object" {
  variables {
    trigger_on_upload = true
    upload_input      = "{\"label_column\": \"<churned>\", \"test_size\": 0.3}"
  }

  assert {
    condition = jsondecode(replace(one(aws_cloudwatch_event_target.uploaded["versioned"].input_transformer[*].input_template), "/: <([a-z_]+)>/", ": \"the $1\"")) == {
      bucket = "the bucket", key = "the key", version_id = "the version_id", label_column = "<churned>", test_size = 0.3
    }
    error_message = "Another request than the one that was asked for."
  }
}

run "the_data_bucket_is_emptied_by_its_own_flag_and_replaced_data_expires_when_asked" {
  variables {
    force_destroy_artifact_bucket = true
    data_noncurrent_days          = 90
  }

  assert {
    condition     = aws_s3_bucket.this["artifact"].force_destroy && !aws_s3_bucket.this["data"].force_destroy
    error_message = "The training data goes with the artifacts."
  }

  assert {
    condition = {
      for name, configuration in aws_s3_bucket_lifecycle_configuration.this : name => flatten([
        for rule in configuration.rule : rule.noncurrent_version_expiration[*].noncurrent_days if rule.id == "expire-replaced-data"
      ])
    } == { data = [90], artifact = [] }
    error_message = "Replaced data expires at another time, or elsewhere."
  }
}

run "every_role_has_the_boundary_that_the_account_asks_for" {
  variables {
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
    trigger_on_upload        = true
    schedule_expression      = "rate(1 day)"
  }

  assert {
    condition     = alltrue([for role in concat(values(aws_iam_role.step), values(aws_iam_role.starter), [aws_iam_role.state_machine]) : role.permissions_boundary == var.permissions_boundary_arn])
    error_message = "A role without the boundary could not be made in such an account."
  }
}

run "the_local_clouds_buckets_are_nobodys_on_aws" {
  command = plan

  variables {
    training_data_bucket     = "ml-data-demo"
    training_artifact_bucket = "artifacts"
  }

  expect_failures = [aws_s3_bucket.this]
}

run "a_partition_with_a_longer_region" {
  variables {
    region = "eusc-de-east-1"
  }

  assert {
    condition     = output.region == "eusc-de-east-1"
    error_message = "The European sovereign cloud is refused."
  }
}
