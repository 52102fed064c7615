# Alarms and a dashboard, each by a variable. The functions' own metrics are in the namespace that
# functions/shared/telemetry.py writes to (Embedded Metric Format: log lines, no calls and no permissions).

locals {
  metrics_namespace = "ModelService"

  # Whose message it is: what was refused (the request, the data, the model) is for who sent it, everything else for who
  # runs the pipeline.
  permanent_errors = [
    "InvalidRequestError", "DatasetNotFoundError", "InvalidDatasetError", "DatasetChangedError", "ModelRejectedError",
    "ArtifactConflictError",
  ]
  topics = var.alarms ? { alarms = var.alarm_emails, rejected = var.rejected_emails } : {}
  endings = {
    alarms   = { "$or" = [{ error = [{ anything-but = local.permanent_errors }] }, { error = [null] }, { error = [{ exists = false }] }] }
    rejected = { error = local.permanent_errors } # no $or of one: EventBridge takes that for the name of a member
  }
  ending_rules = { for topic in keys(local.topics) : topic => "${var.name_prefix}-executions-${topic == "alarms" ? "failed" : topic}" }

  execution_alarms = {
    timed-out = { metric = "ExecutionsTimedOut", what = "An execution ran into the state machine's timeout" }
    throttled = { metric = "ExecutionThrottled", what = "Step Functions throttles the state machine's transitions" }
  }

  # With a schedule there is a success every day, or something is wrong that makes no other noise.
  heartbeat_hours = !var.alarms ? 0 : coalesce(var.heartbeat_hours, var.schedule_expression == null ? 0 : 24)

  dashboard_widgets = [
    {
      title   = "Executions"
      stat    = "Sum"
      metrics = [for name in ["Started", "Succeeded", "Failed", "TimedOut", "Aborted"] : ["AWS/States", "Executions${name}", "StateMachineArn", local.state_machine_arn]]
    },
    {
      title   = "Duration of executions (ms)"
      stat    = "Average"
      metrics = [["AWS/States", "ExecutionTime", "StateMachineArn", local.state_machine_arn]]
    },
    {
      title   = "Rows"
      stat    = "Sum"
      metrics = [for name in ["rows", "rejected_rows"] : [local.metrics_namespace, name, "state_machine", local.state_machine_name, "step", "FetchAndValidate"]]
    },
    {
      title   = "Quality on the test rows"
      stat    = "Minimum"
      metrics = [for name in ["accuracy", "f1"] : [local.metrics_namespace, name, "state_machine", local.state_machine_name, "step", "Summarize"]]
    },
    {
      title   = "Duration of steps (ms)"
      stat    = "Maximum"
      metrics = [for step in ["FetchAndValidate", "Summarize", "PublishArtifact"] : [local.metrics_namespace, "duration_ms", "state_machine", local.state_machine_name, "step", step]]
    },
    {
      title   = "Errors and throttles of the functions"
      stat    = "Sum"
      metrics = concat([for name in ["Errors", "Throttles"] : [for function in values(local.function_names) : ["AWS/Lambda", name, "FunctionName", function]]]...)
    },
  ]
}

resource "aws_sns_topic" "this" {
  #checkov:skip=CKV_AWS_26:CloudWatch may not use AWS's own key for SNS, only a customer's: encrypted where kms_key_arn names one
  for_each = local.topics

  name              = "${var.name_prefix}-${each.key}"
  kms_master_key_id = var.kms_key_arn
}

data "aws_iam_policy_document" "topic" {
  for_each = local.topics

  statement {
    sid       = "PublishAlarms"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.this[each.key].arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }

  # Without a condition: EventBridge sends SNS nothing that one could look at, and its messages would be lost.
  statement {
    sid       = "PublishEvents"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.this[each.key].arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }
}

resource "aws_sns_topic_policy" "this" {
  for_each = aws_sns_topic.this

  arn    = each.value.arn
  policy = data.aws_iam_policy_document.topic[each.key].json
}

resource "aws_sns_topic_subscription" "this" {
  for_each = merge([
    for topic, addresses in local.topics : { for address in addresses : "${topic} ${address}" => { topic = topic, address = address } }
  ]...)

  topic_arn = aws_sns_topic.this[each.value.topic].arn
  protocol  = "email"
  endpoint  = each.value.address
}

# A failed execution, by the name of its error. Its metric would not tell refused data from a fault. Shards are executions
# of another ARN and match no rule: their Map's error is the execution's.
resource "aws_cloudwatch_event_rule" "ended" {
  for_each = local.ending_rules

  name        = each.value
  description = "Failed executions of ${local.state_machine_name}: ${each.key == "rejected" ? "the request, the data or the model was refused" : "a fault"}"
  event_pattern = jsonencode({
    source      = ["aws.states"]
    detail-type = ["Step Functions Execution Status Change"]
    detail      = merge({ stateMachineArn = [local.state_machine_arn], status = ["FAILED"] }, local.endings[each.key])
  })
}

resource "aws_cloudwatch_event_target" "ended" {
  for_each = aws_cloudwatch_event_rule.ended

  rule = each.value.name
  arn  = aws_sns_topic.this[each.key].arn

  # Name, error, cause, request; as they come, since a template with a value that is missing would send nothing.
  input_path = "$.detail"

  depends_on = [aws_sns_topic_policy.this]
}

resource "aws_cloudwatch_metric_alarm" "executions" {
  for_each = var.alarms ? local.execution_alarms : {}

  alarm_name          = "${var.name_prefix}-executions-${each.key}"
  alarm_description   = each.value.what
  namespace           = "AWS/States"
  metric_name         = each.value.metric
  dimensions          = { StateMachineArn = aws_sfn_state_machine.training_pipeline.arn }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.this["alarms"].arn]
}

resource "aws_cloudwatch_metric_alarm" "not_started" {
  count = var.alarms && local.triggered ? 1 : 0

  alarm_name          = "${var.name_prefix}-not-started"
  alarm_description   = "An upload or the schedule should have started an execution, and could not for an hour"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.not_started[0].name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.this["alarms"].arn]
}

# A retry waits minutes for a Lambda to be free; a quarter of an hour of throttles is an account that is too small.
resource "aws_cloudwatch_metric_alarm" "functions_throttled" {
  count = var.alarms ? 1 : 0

  alarm_name          = "${var.name_prefix}-functions-throttled"
  alarm_description   = "Lambda has refused invocations of the steps for a quarter of an hour: docs/operating.md says how to read the account's limit"
  evaluation_periods  = 3
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.this["alarms"].arn]

  metric_query {
    id          = "throttles"
    expression  = "SUM(METRICS())"
    label       = "Throttles of all steps"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = local.function_names

    content {
      id = replace(metric_query.key, "-", "_")

      metric {
        namespace   = "AWS/Lambda"
        metric_name = "Throttles"
        dimensions  = { FunctionName = metric_query.value }
        stat        = "Sum"
        period      = 300
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "heartbeat" {
  count = local.heartbeat_hours > 0 ? 1 : 0

  alarm_name          = "${var.name_prefix}-heartbeat"
  alarm_description   = "No execution has succeeded for ${local.heartbeat_hours} hours"
  namespace           = "AWS/States"
  metric_name         = "ExecutionsSucceeded"
  dimensions          = { StateMachineArn = aws_sfn_state_machine.training_pipeline.arn }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = local.heartbeat_hours
  threshold           = 1
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.this["alarms"].arn]
}

resource "aws_cloudwatch_dashboard" "this" {
  count = var.dashboard ? 1 : 0

  dashboard_name = local.state_machine_name
  dashboard_body = jsonencode({
    widgets = [
      for index, widget in local.dashboard_widgets : {
        type   = "metric"
        x      = index % 2 * 12
        y      = floor(index / 2) * 6
        width  = 12
        height = 6
        properties = {
          title   = widget.title
          region  = var.region
          view    = "timeSeries"
          stat    = widget.stat
          period  = 300
          metrics = widget.metrics
        }
      }
    ]
  })
}
