# The three steps. One map describes them; the functions, roles, log groups and aliases follow from it.

locals {
  # previous: the step whose output this one works on. Invoked directly with a plain request, a step
  # obtains that output by invoking the one before; in the state machine that never happens.
  # settings: environment variables of this step alone.
  steps = {
    fetch-and-validate = {
      previous = null
      settings = { SHARD_BYTES = tostring(var.shard_bytes), RANGE_CELLS = tostring(var.range_cells) }
    }
    summarize        = { previous = "fetch-and-validate", settings = { RANGE_CELLS = tostring(var.range_cells) } }
    publish-artifact = { previous = "summarize", settings = {} }
  }

  # Fitting models takes a whole core and as long as a Lambda may run; the other steps take seconds.
  sizes = {
    for step in keys(local.steps) : step => step == "summarize" ? {
      memory_mb = var.summarize_memory_mb, timeout_seconds = var.summarize_timeout_seconds
      } : {
      memory_mb = var.lambda_memory_mb, timeout_seconds = var.lambda_timeout_seconds
    }
  }

  alias = "live"

  function_names = { for step in keys(local.steps) : step => "${var.name_prefix}-${step}" }

  # Built from names rather than read from the aliases, which would make a function depend on itself.
  alias_arns = {
    for step, name in local.function_names : step => join(":", [
      "arn", data.aws_partition.current.partition, "lambda", var.region,
      local.account_id, "function", name, local.alias,
    ])
  }

  packages = { for step in keys(local.steps) : step => "${path.module}/../dist/${step}.zip" }

  # Identity of the code: enters run_id, so that a run by other code is another run.
  functions_directory = "${path.module}/../functions"
  code_version = sha256(join("\n", [
    for file in sort(fileset(local.functions_directory, "**/*.py")) :
    "${file} ${filesha256("${local.functions_directory}/${file}")}"
  ]))
}

resource "aws_cloudwatch_log_group" "step" {
  #checkov:skip=CKV_AWS_158:Encrypted by CloudWatch Logs itself; with a key of the customer's where kms_key_arn names one
  #checkov:skip=CKV_AWS_338:How long logs are kept is log_retention_days; what must last is in the artifact, not in a log
  for_each = local.function_names

  name              = "/aws/lambda/${each.value}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

# By way of S3: the provider creates and updates functions from local files one after the other, with a
# wait of seconds for each.
resource "aws_s3_object" "package" {
  for_each = local.packages

  bucket      = aws_s3_bucket.this["artifact"].id
  key         = "${local.packages_prefix}${each.key}.zip"
  source      = each.value
  source_hash = fileexists(each.value) ? filebase64sha256(each.value) : null

  # An object takes ten tags, everything else fifty: the tags of the deployment stay on the bucket.
  override_provider {
    default_tags {
      tags = {}
    }
  }

  # Versioning first: a function is made from a version.
  depends_on = [aws_s3_bucket_versioning.this]

  lifecycle {
    precondition {
      condition     = fileexists(each.value)
      error_message = "dist/${each.key}.zip is missing: run `make package`."
    }
  }
}

resource "aws_lambda_function" "step" {
  #checkov:skip=CKV_AWS_115:Each shard is an invocation and map_max_concurrency bounds them; a reservation takes from the account
  #checkov:skip=CKV_AWS_116:Invoked synchronously only: the caller gets every error, a dead-letter queue would stay empty
  #checkov:skip=CKV_AWS_117:It talks to S3 and Lambda alone; in a VPC it would need endpoints for both and reach no less
  #checkov:skip=CKV_AWS_173:The variables are names, not secrets; encrypted with a customer's key where kms_key_arn names one
  #checkov:skip=CKV_AWS_272:The zips are built from the repository that deploys them; code signing needs a signer of the account
  for_each = local.steps

  function_name     = local.function_names[each.key]
  description       = "Training pipeline: ${each.key}"
  role              = aws_iam_role.step[each.key].arn
  runtime           = "python3.13"
  architectures     = [var.lambda_architecture]
  handler           = "${replace(each.key, "-", "_")}.handler.handler"
  s3_bucket         = aws_s3_object.package[each.key].bucket
  s3_key            = aws_s3_object.package[each.key].key
  s3_object_version = aws_s3_object.package[each.key].version_id
  source_code_hash  = aws_s3_object.package[each.key].source_hash
  kms_key_arn       = var.kms_key_arn
  memory_size       = local.sizes[each.key].memory_mb
  timeout           = local.sizes[each.key].timeout_seconds
  publish           = true

  ephemeral_storage {
    size = var.lambda_ephemeral_storage_mb
  }

  environment {
    variables = merge(
      {
        TRAINING_DATA_BUCKET     = var.training_data_bucket
        TRAINING_DATA_KEY        = var.training_data_key
        TRAINING_ARTIFACT_BUCKET = var.training_artifact_bucket
        TRAINING_ARTIFACT_KEY    = var.training_artifact_key
        CODE_VERSION             = local.code_version
      },
      each.value.previous == null ? {} : { PREVIOUS_STEP = local.alias_arns[each.value.previous] },
      each.value.settings,
    )
  }

  # The group exists before the function, or Lambda would make one of its own without retention.
  logging_config {
    log_format            = "JSON"
    application_log_level = "INFO"
    system_log_level      = "INFO"
    log_group             = aws_cloudwatch_log_group.step[each.key].name
  }

  # Always written: left out, it would stay as it was.
  tracing_config {
    mode = var.xray_tracing ? "Active" : "PassThrough"
  }

  # The role's policy is in force before the first invocation.
  depends_on = [aws_iam_role_policy.step]
}

resource "aws_lambda_alias" "live" {
  for_each = aws_lambda_function.step

  name             = local.alias
  description      = "The newest version: what is called by hand, and what a step calls that works by itself"
  function_name    = each.value.function_name
  function_version = each.value.version
}

# Of the version, which is what the state machine calls.
resource "aws_lambda_provisioned_concurrency_config" "live" {
  for_each = var.provisioned_concurrency > 0 ? aws_lambda_function.step : {}

  function_name                     = each.value.function_name
  qualifier                         = each.value.version
  provisioned_concurrent_executions = var.provisioned_concurrency

  lifecycle {
    create_before_destroy = true
  }
}
