# The training pipeline's state machine. Its definition is a file of its own, valid JSON as it stands.

locals {
  account_id         = data.aws_caller_identity.current.account_id
  state_machine_name = "${var.name_prefix}-training-pipeline"
  state_machine_arn = join(":", [
    "arn", data.aws_partition.current.partition, "states", var.region,
    local.account_id, "stateMachine", local.state_machine_name,
  ])

  # Executions of the machine itself, and those that its Maps start, one per item, named after the Map's Label.
  map_labels = ["ValidateShards", "SummarizeShards", "GatherMoments", "EvaluateShards"]
  execution_arns = {
    for form, names in {
      plain = [local.state_machine_name]
      items = [for label in local.map_labels : "${local.state_machine_name}/${label}"]
    } :
    form => [for name in names : join(":", [
      "arn", data.aws_partition.current.partition, "states", var.region,
      local.account_id, "execution", name, "*",
    ])]
  }

  map_max_concurrency   = coalesce(var.map_max_concurrency, var.local_endpoint ? 4 : 100)
  range_max_concurrency = coalesce(var.range_max_concurrency, var.local_endpoint ? 4 : 100)
  # Folds are at most five, each a whole core's work: on one machine, not more at once than it has cores to spare.
  fold_max_concurrency = var.local_endpoint ? 2 : 5
}

# Under /aws/vendedlogs/ the delivery needs no resource policy of its own for every machine.
resource "aws_cloudwatch_log_group" "state_machine" {
  #checkov:skip=CKV_AWS_158:Encrypted by CloudWatch Logs itself; with a key of the customer's where kms_key_arn names one
  #checkov:skip=CKV_AWS_338:How long logs are kept is log_retention_days; what must last is in the artifact, not in a log
  name              = "/aws/vendedlogs/states/${local.state_machine_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_sfn_state_machine" "training_pipeline" {
  #checkov:skip=CKV_AWS_285:The execution's data quotes names of a CSV's columns and classes: logged where state_machine_log_data asks for it
  name     = local.state_machine_name
  role_arn = aws_iam_role.state_machine.arn
  type     = "STANDARD"

  # MaxConcurrency is a number, but its placeholder is quoted, so that the file is valid JSON as it stands.
  definition = replace(
    templatefile("${path.module}/../statemachine/training_pipeline.asl.json", merge(
      # Versions, not the alias: an execution that runs while another code is deployed ends with the code it began with.
      { for step, function in aws_lambda_function.step : "${replace(step, "-", "_")}_arn" => function.qualified_arn },
      { account_id = local.account_id },
      { artifact_bucket = var.training_artifact_bucket },
      { map_max_concurrency = local.map_max_concurrency },
      { range_max_concurrency = local.range_max_concurrency },
      { fold_max_concurrency = local.fold_max_concurrency },
    )),
    "/\"MaxConcurrency\": \"([0-9]+)\"/", "\"MaxConcurrency\": $1",
  )

  logging_configuration {
    level                  = var.state_machine_log_level
    include_execution_data = var.state_machine_log_data
    log_destination        = "${aws_cloudwatch_log_group.state_machine.arn}:*"
  }

  # These two are always written: left out, the machine would keep what it has. Save in the local cloud, which has
  # neither and does not report them back: every plan would show a change.
  dynamic "encryption_configuration" {
    for_each = var.local_endpoint ? [] : [var.kms_key_arn]
    iterator = key

    content {
      type                              = key.value == null ? "AWS_OWNED_KEY" : "CUSTOMER_MANAGED_KMS_KEY"
      kms_key_id                        = key.value
      kms_data_key_reuse_period_seconds = key.value == null ? null : 300
    }
  }

  dynamic "tracing_configuration" {
    for_each = var.local_endpoint ? [] : [var.xray_tracing]

    content {
      enabled = tracing_configuration.value
    }
  }

  # Step Functions checks on creation that the role may deliver logs.
  depends_on = [aws_iam_role_policy.state_machine]
}
