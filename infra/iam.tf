# A role per function and one for the state machine. Each names its actions, its ARNs and its prefixes.

locals {
  # What a step leaves of a run lies in a folder of its own: no step can touch what another has written.
  run_folders = {
    for role in ["dataset", "model", "publication"] : role => "${local.runs_prefix}*/${role}/"
  }

  # How a prefix is listed; where a folder may be a dataset, its objects are pinned by the list of their versions.
  lists         = ["s3:ListBucket"]
  lists_folders = ["s3:ListBucket", "s3:ListBucketVersions"]

  # What each step does in S3; under `versions` what is there stays as it is. Reading a prefix includes listing it: without s3:ListBucket a missing
  # object is a 403, and the step could not tell it from a forbidden one. (To choose between 403 and
  # 404 S3 evaluates s3:prefix with the object's key.)
  s3_access = {
    fetch-and-validate = {
      reads = [
        # The CSV is pinned: read by its version.
        { bucket = "data", prefixes = [local.data_prefix], actions = ["s3:GetObject", "s3:GetObjectVersion"], lists = local.lists_folders },
        # Its own files: an earlier run's, the plan and the shards' results. And the current model, to beat or to replace.
        { bucket = "artifact", prefixes = [local.run_folders.dataset, local.models_prefix], actions = ["s3:GetObject"], lists = local.lists },
      ]
      writes   = { bucket = "artifact", prefixes = [local.run_folders.dataset] }
      versions = []
    }
    summarize = {
      reads = [
        # The run's dataset and its own files.
        { bucket = "artifact", prefixes = [local.run_folders.dataset, local.run_folders.model], actions = ["s3:GetObject"], lists = local.lists },
        # The current model as it was when the run began, to be compared with: by its version where the bucket keeps versions.
        { bucket = "artifact", prefixes = [local.models_prefix], actions = ["s3:GetObject", "s3:GetObjectVersion"], lists = local.lists },
      ]
      writes   = { bucket = "artifact", prefixes = [local.run_folders.model] }
      versions = []
    }
    publish-artifact = {
      reads = [
        # Whether the CSV's newest version, or every one of a folder, is still the one of the run.
        { bucket = "data", prefixes = [local.data_prefix], actions = ["s3:GetObject"], lists = local.lists_folders },
        { bucket = "artifact", prefixes = concat(values(local.run_folders), [local.models_prefix]), actions = ["s3:GetObject"], lists = local.lists },
      ]
      writes   = { bucket = "artifact", prefixes = [local.run_folders.publication, local.models_prefix] }
      versions = ["${local.models_prefix}*/versions/"]
    }
  }
}

# Whose buckets these are. A name is free again once its bucket is deleted, and then anybody's: without this a step would
# write what it makes to a stranger.
locals {
  bucket_owners = {
    data     = coalesce(var.training_data_account, local.account_id)
    artifact = local.account_id
  }
}

data "aws_iam_policy_document" "lambda_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "step" {
  for_each = local.s3_access

  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.step[each.key].arn}:log-stream:*"]
  }

  dynamic "statement" {
    for_each = each.value.reads

    content {
      sid     = "ReadObjectsOf${title(statement.value.bucket)}${statement.key}"
      actions = statement.value.actions
      resources = [
        for prefix in statement.value.prefixes : "${local.bucket_arns[statement.value.bucket]}/${prefix}*"
      ]

      condition {
        test     = "StringEquals"
        variable = "aws:ResourceAccount"
        values   = [local.bucket_owners[statement.value.bucket]]
      }
    }
  }

  dynamic "statement" {
    for_each = each.value.reads

    content {
      sid       = "FindObjectsOf${title(statement.value.bucket)}${statement.key}"
      actions   = statement.value.lists
      resources = [local.bucket_arns[statement.value.bucket]]

      condition {
        test     = "StringLike"
        variable = "s3:prefix"
        values   = [for prefix in statement.value.prefixes : "${prefix}*"]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:ResourceAccount"
        values   = [local.bucket_owners[statement.value.bucket]]
      }
    }
  }

  statement {
    sid     = "WriteObjects"
    actions = ["s3:PutObject"]
    resources = [
      for prefix in each.value.writes.prefixes : "${local.bucket_arns[each.value.writes.bucket]}/${prefix}*"
    ]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = [local.bucket_owners[each.value.writes.bucket]]
    }
  }

  # A version is written once, as the bucket's policy has it too, which its owner may change: storage.tf.
  dynamic "statement" {
    for_each = length(each.value.versions) == 0 ? [] : [each.value.versions]

    content {
      sid     = "KeepVersions"
      effect  = "Deny"
      actions = ["s3:PutObject"]
      resources = [
        for prefix in statement.value : "${local.bucket_arns[each.value.writes.bucket]}/${prefix}*"
      ]

      condition {
        test     = "Null"
        variable = "s3:if-none-match"
        values   = ["true"]
      }
    }
  }

  dynamic "statement" {
    for_each = local.steps[each.key].previous == null ? [] : [local.steps[each.key].previous]

    content {
      sid       = "InvokePreviousStep"
      actions   = ["lambda:InvokeFunction"]
      resources = [local.alias_arns[statement.value]]
    }
  }

  dynamic "statement" {
    for_each = local.kms_keys

    content {
      sid       = "UseKeyForObjects"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [local.s3_service]
      }
    }
  }

  # What lies under an older key of this deployment, and the owner's key of a data bucket that has one of its own.
  dynamic "statement" {
    for_each = {
      for sid, keys in {
        ReadUnderFormerKeys = var.former_kms_key_arns
        ReadUnderDataKeys   = contains(each.value.reads[*].bucket, "data") ? var.data_kms_key_arns : []
      } : sid => keys if length(keys) > 0
    }
    iterator = keys

    content {
      sid       = keys.key
      actions   = ["kms:Decrypt"]
      resources = keys.value

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [local.s3_service]
      }
    }
  }

  # X-Ray has no resource-level permissions for sending.
  dynamic "statement" {
    for_each = var.xray_tracing ? [true] : []

    content {
      sid       = "SendTraces"
      actions   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
      resources = ["*"]
    }
  }
}

resource "aws_iam_role" "step" {
  for_each = local.function_names

  name                 = "${each.value}-${var.region}"
  description          = "Execution role of the function ${each.value}"
  assume_role_policy   = data.aws_iam_policy_document.lambda_trust.json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "step" {
  for_each = aws_iam_role.step

  name   = "step"
  role   = each.value.id
  policy = data.aws_iam_policy_document.step[each.key].json
}

# The state machine

data "aws_iam_policy_document" "state_machine_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["states.amazonaws.com"]
    }

    # Only for this account's machine: the service cannot be made to act for another's.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }

    # An item of a Distributed Map is an execution of stateMachine:NAME/LABEL.
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [local.state_machine_arn, "${local.state_machine_arn}/*"]
    }
  }
}

data "aws_iam_policy_document" "state_machine" {
  statement {
    sid     = "InvokeSteps"
    actions = ["lambda:InvokeFunction"]
    # Any version: an execution that began before the last deploy calls an older one.
    resources = [for step in keys(local.steps) : "${aws_lambda_function.step[step].arn}:*"]
  }

  # The Distributed Maps: their item readers read the lists of shards and of ranges, and each item is an execution of the
  # same machine. AWS documents the ARNs of plain executions for following them, those under a Map's label for
  # redriving; an item's own ARN is of the second form.
  statement {
    sid     = "ReadListsOfItems"
    actions = ["s3:GetObject"]
    resources = [
      for list in ["dataset/shards.json", "model/ranges.json"] : "${local.bucket_arns["artifact"]}/${local.runs_prefix}*/${list}"
    ]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = [local.bucket_owners["artifact"]]
    }
  }

  # Their result writers say what became of each item, the failed ones with their errors; AWS's example policy has the
  # three actions besides PutObject, for results of many parts.
  statement {
    sid       = "WriteResultsOfItems"
    actions   = ["s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"]
    resources = ["${local.bucket_arns["artifact"]}/${local.runs_prefix}*/map/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = [local.bucket_owners["artifact"]]
    }
  }

  statement {
    sid       = "StartItems"
    actions   = ["states:StartExecution"]
    resources = [local.state_machine_arn]
  }

  statement {
    sid       = "FollowItems"
    actions   = ["states:DescribeExecution", "states:StopExecution"]
    resources = concat(local.execution_arns.plain, local.execution_arns.items)
  }

  statement {
    sid       = "RedriveItems"
    actions   = ["states:RedriveExecution"]
    resources = local.execution_arns.items
  }

  # Setting up the delivery of logs: AWS allows these actions on "*" alone.
  statement {
    sid = "DeliverLogs"
    actions = [
      "logs:CreateLogDelivery",
      "logs:GetLogDelivery",
      "logs:UpdateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:DescribeResourcePolicies",
      "logs:DescribeLogGroups",
    ]
    resources = ["*"]
  }

  # The lists of items in S3; the data of executions; the log lines, encrypted for the delivery.
  dynamic "statement" {
    for_each = var.kms_key_arn == null ? {} : {
      Objects = {
        actions  = ["kms:Decrypt", "kms:GenerateDataKey"]
        variable = "kms:ViaService"
        value    = local.s3_service
      }
      Executions = {
        actions  = ["kms:Decrypt", "kms:GenerateDataKey"]
        variable = "kms:EncryptionContext:aws:states:stateMachineArn"
        value    = local.state_machine_arn
      }
      LogDelivery = {
        actions  = ["kms:GenerateDataKey"]
        variable = "kms:EncryptionContext:SourceArn"
        value    = "arn:${data.aws_partition.current.partition}:logs:${var.region}:${local.account_id}:*"
      }
    }
    iterator = use

    content {
      sid       = "UseKeyFor${use.key}"
      actions   = use.value.actions
      resources = [var.kms_key_arn]

      condition {
        test     = "StringEquals"
        variable = use.value.variable
        values   = [use.value.value]
      }
    }
  }

  # Under an older key lie the lists of items, and what executions that began with it hold.
  dynamic "statement" {
    for_each = length(var.former_kms_key_arns) == 0 ? {} : {
      Objects    = { variable = "kms:ViaService", value = local.s3_service }
      Executions = { variable = "kms:EncryptionContext:aws:states:stateMachineArn", value = local.state_machine_arn }
    }
    iterator = use

    content {
      sid       = "UseFormerKeysFor${use.key}"
      actions   = ["kms:Decrypt"]
      resources = var.former_kms_key_arns

      condition {
        test     = "StringEquals"
        variable = use.value.variable
        values   = [use.value.value]
      }
    }
  }

  # X-Ray has no resource-level permissions for sending and sampling.
  dynamic "statement" {
    for_each = var.xray_tracing ? [true] : []

    content {
      sid = "SendTraces"
      actions = [
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
      ]
      resources = ["*"]
    }
  }
}

resource "aws_iam_role" "state_machine" {
  name                 = "${local.state_machine_name}-${var.region}"
  description          = "Role of the state machine ${local.state_machine_name}"
  assume_role_policy   = data.aws_iam_policy_document.state_machine_trust.json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "state_machine" {
  name   = "state-machine"
  role   = aws_iam_role.state_machine.id
  policy = data.aws_iam_policy_document.state_machine.json
}
