# The variables' combinations, with a provider that makes nothing. In tests/ and not in infra/tests/: mock_provider
# needs Terraform 1.7, and an older one, which infra/ itself takes, would refuse to initialise beside this file.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/role" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:group" }
  }
  mock_resource "aws_lambda_alias" {
    defaults = { arn = "arn:aws:lambda:us-east-1:123456789012:function:step:live" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:us-east-1:123456789012:queue" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-east-1:123456789012:topic" }
  }
  mock_resource "aws_sfn_state_machine" {
    defaults = { arn = "arn:aws:states:us-east-1:123456789012:stateMachine:machine" }
  }
}

run "everything_optional_is_off_by_default" {
  assert {
    condition = alltrue([
      length(aws_s3_bucket_notification.data) == 0,
      length(aws_cloudwatch_event_rule.uploaded) == 0,
      length(aws_scheduler_schedule.this) == 0,
      length(aws_sqs_queue.not_started) == 0,
      length(aws_iam_role.starter) == 0,
      length(aws_sns_topic.alarms) == 0,
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
      bucket = { name = ["ml-data-demo"] }
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
    training_artifact_bucket = "ml-data-demo"
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
    alarms       = true
    alarm_emails = ["a@example.com", "b@example.com"]
  }

  assert {
    condition     = length(aws_sns_topic_subscription.alarms) == 2 && length(aws_cloudwatch_metric_alarm.not_started) == 0
    error_message = "Wrong subscriptions or alarms."
  }

  assert {
    condition     = toset([for alarm in aws_cloudwatch_metric_alarm.executions : alarm.metric_name]) == toset(["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionThrottled"])
    error_message = "An alarm is missing."
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
      [aws_sns_topic.alarms[0].kms_master_key_id == var.kms_key_arn],
      [one(aws_sfn_state_machine.training_pipeline.encryption_configuration[*].kms_key_id) == var.kms_key_arn],
    ))
    error_message = "Something is encrypted with another key."
  }

  assert {
    condition = alltrue(flatten([
      for document in values(data.aws_iam_policy_document.step) : [
        for s in document.statement : s.resources == toset([var.kms_key_arn]) && length(s.condition) == 1
        if anytrue([for action in s.actions : startswith(action, "kms:")])
      ]
    ]))
    error_message = "A function may use the key without S3, or another key."
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
