# Alarms and a dashboard, each by a variable. The functions' own metrics are in the namespace that
# functions/shared/telemetry.py writes to (Embedded Metric Format: log lines, no calls and no permissions).

locals {
  metrics_namespace = "ModelService"

  execution_alarms = {
    failed    = { metric = "ExecutionsFailed", what = "An execution failed: an operational error, or a request, dataset or model that was refused" }
    timed-out = { metric = "ExecutionsTimedOut", what = "An execution ran into the state machine's timeout" }
    throttled = { metric = "ExecutionThrottled", what = "Step Functions throttles the state machine's transitions" }
  }

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

resource "aws_sns_topic" "alarms" {
  #checkov:skip=CKV_AWS_26:CloudWatch may not use AWS's own key for SNS, only a customer's: encrypted where kms_key_arn names one
  count = var.alarms ? 1 : 0

  name              = "${var.name_prefix}-alarms"
  kms_master_key_id = var.kms_key_arn
}

data "aws_iam_policy_document" "alarms" {
  count = var.alarms ? 1 : 0

  statement {
    sid       = "PublishAlarms"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms[0].arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_sns_topic_policy" "alarms" {
  count = var.alarms ? 1 : 0

  arn    = aws_sns_topic.alarms[0].arn
  policy = data.aws_iam_policy_document.alarms[0].json
}

resource "aws_sns_topic_subscription" "alarms" {
  for_each = var.alarms ? var.alarm_emails : []

  topic_arn = aws_sns_topic.alarms[0].arn
  protocol  = "email"
  endpoint  = each.value
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
  alarm_actions       = [aws_sns_topic.alarms[0].arn]
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
  alarm_actions       = [aws_sns_topic.alarms[0].arn]
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
