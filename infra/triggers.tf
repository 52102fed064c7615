# What starts executions by itself, each by a variable: a new object under the data prefix, and the clock.

locals {
  triggered = var.trigger_on_upload || var.schedule_expression != null

  # Two rules: an object of a bucket without versions has no version id, and a template that names a missing
  # value makes no valid JSON.
  upload_rules = var.trigger_on_upload ? {
    versioned   = { exists = true, address = ["bucket", "key", "version_id"] }
    unversioned = { exists = false, address = ["bucket", "key"] }
  } : {}
  # The object's address, and upload_input's fields as they stand. EventBridge puts a text in quotes in place of <name>;
  # jsonencode writes no < of its own.
  upload_requests = {
    for form, rule in local.upload_rules : form => "{${join(", ", concat(
      [for name in rule.address : "\"${name}\": <${name}>"],
      [for name, value in jsondecode(var.upload_input) : "${jsonencode(name)}: ${jsonencode(value)}"],
    ))}}"
  }
  upload_rule_arns = [
    for form in keys(local.upload_rules) : join(":", [
      "arn", data.aws_partition.current.partition, "events", var.region,
      local.account_id, "rule/${local.upload_rule_names[form]}",
    ])
  ]
  upload_rule_names = { for form in keys(local.upload_rules) : form => "${var.name_prefix}-uploaded-${form}" }

  schedules          = var.schedule_expression == null ? {} : { this = var.schedule_expression }
  schedule_name      = "${var.name_prefix}-schedule"
  schedule_group_arn = join(":", ["arn", data.aws_partition.current.partition, "scheduler", var.region, local.account_id, "schedule-group/${local.schedule_name}"])
  schedule_arn       = join(":", ["arn", data.aws_partition.current.partition, "scheduler", var.region, local.account_id, "schedule/${local.schedule_name}/${local.schedule_name}"])

  # Who starts executions, and for which of its own resources.
  starters = merge(
    var.trigger_on_upload ? { uploaded = { service = "events.amazonaws.com", sources = local.upload_rule_arns } } : {},
    { for key in keys(local.schedules) : "schedule" => { service = "scheduler.amazonaws.com", sources = [local.schedule_group_arn] } },
  )
}

# An existing data bucket is its owner's, and so are its notifications: docs/aws.md says how to turn them on.
resource "aws_s3_bucket_notification" "data" {
  count = var.trigger_on_upload && var.create_data_bucket ? 1 : 0

  bucket      = aws_s3_bucket.this["data"].id
  eventbridge = true
}

# No loop: the pipeline writes to the artifact bucket, which is another one than the data bucket (storage.tf).
resource "aws_cloudwatch_event_rule" "uploaded" {
  for_each = local.upload_rules

  name        = local.upload_rule_names[each.key]
  description = "A new object under s3://${var.training_data_bucket}/${local.data_prefix}, ${each.key}"
  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created"]
    detail = {
      bucket = { name = [var.training_data_bucket] }
      object = {
        key        = [for suffix in var.trigger_suffixes : { wildcard = "${local.data_prefix}*${suffix}" }]
        version-id = [{ exists = each.value.exists }]
      }
    }
  })
}

resource "aws_cloudwatch_event_target" "uploaded" {
  for_each = local.upload_rules

  rule     = aws_cloudwatch_event_rule.uploaded[each.key].name
  arn      = aws_sfn_state_machine.training_pipeline.arn
  role_arn = aws_iam_role.starter["uploaded"].arn

  input_transformer {
    input_paths = merge(
      { bucket = "$.detail.bucket.name", key = "$.detail.object.key" },
      each.value.exists ? { version_id = "$.detail.object.version-id" } : {},
    )
    input_template = local.upload_requests[each.key]
  }

  dead_letter_config {
    arn = aws_sqs_queue.not_started[0].arn
  }

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 20
  }

  depends_on = [aws_iam_role_policy.starter, aws_sqs_queue_policy.not_started]
}

resource "aws_scheduler_schedule_group" "this" {
  for_each = local.schedules

  name = local.schedule_name
}

resource "aws_scheduler_schedule" "this" {
  #checkov:skip=CKV_AWS_297:The request is no secret; with a customer's key where kms_key_arn names one
  for_each = local.schedules

  name                         = local.schedule_name
  description                  = "Starts the training pipeline by the clock"
  group_name                   = aws_scheduler_schedule_group.this[each.key].name
  schedule_expression          = each.value
  schedule_expression_timezone = var.schedule_timezone
  kms_key_arn                  = var.kms_key_arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_sfn_state_machine.training_pipeline.arn
    role_arn = aws_iam_role.starter["schedule"].arn
    input    = var.schedule_input

    dead_letter_config {
      arn = aws_sqs_queue.not_started[0].arn
    }

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 20
    }
  }

  depends_on = [aws_iam_role_policy.starter]
}

# Events that started no execution for an hour. Kept for two weeks, the longest that SQS has.
resource "aws_sqs_queue" "not_started" {
  count = local.triggered ? 1 : 0

  name                      = "${var.name_prefix}-not-started"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

data "aws_iam_policy_document" "not_started" {
  count = var.trigger_on_upload ? 1 : 0

  statement {
    sid       = "ReceiveEvents"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.not_started[0].arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = local.upload_rule_arns
    }
  }
}

# EventBridge rules send as the service; the scheduler sends as its role.
resource "aws_sqs_queue_policy" "not_started" {
  count = var.trigger_on_upload ? 1 : 0

  queue_url = aws_sqs_queue.not_started[0].id
  policy    = data.aws_iam_policy_document.not_started[0].json
}

data "aws_iam_policy_document" "starter_trust" {
  for_each = local.starters

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [each.value.service]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = each.value.sources
    }
  }
}

data "aws_iam_policy_document" "starter" {
  for_each = local.starters

  statement {
    sid       = "StartExecutions"
    actions   = ["states:StartExecution"]
    resources = [local.state_machine_arn]
  }

  dynamic "statement" {
    for_each = each.key == "schedule" ? aws_sqs_queue.not_started[*].arn : []

    content {
      sid       = "SendToDeadLetterQueue"
      actions   = ["sqs:SendMessage"]
      resources = [statement.value]
    }
  }

  # The schedule's input is encrypted with the key.
  dynamic "statement" {
    for_each = each.key == "schedule" ? local.kms_keys : []

    content {
      sid       = "ReadSchedule"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      # Not kms:ViaService: the scheduler decrypts with this role itself.
      condition {
        test     = "StringEquals"
        variable = "kms:EncryptionContext:aws:scheduler:schedule:arn"
        values   = [local.schedule_arn]
      }
    }
  }
}

resource "aws_iam_role" "starter" {
  for_each = local.starters

  name                 = "${var.name_prefix}-${each.key}-${var.region}"
  description          = "Starts executions of ${local.state_machine_name} for ${each.value.service}"
  assume_role_policy   = data.aws_iam_policy_document.starter_trust[each.key].json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "starter" {
  for_each = aws_iam_role.starter

  name   = "starter"
  role   = each.value.id
  policy = data.aws_iam_policy_document.starter[each.key].json
}
