output "region" {
  description = "Region that everything is in."
  value       = var.region
}

output "account_id" {
  description = "Account that everything is in."
  value       = local.account_id
}

output "name_prefix" {
  description = "First part of every name."
  value       = var.name_prefix
}

output "training_data_bucket" {
  description = "Bucket of the labelled CSV."
  value       = var.training_data_bucket
}

output "creates_data_bucket" {
  description = "Whether the data bucket is this deployment's, and goes with it."
  value       = var.create_data_bucket
}

output "training_data_key" {
  description = "Key of the labelled CSV."
  value       = var.training_data_key
}

output "training_data_prefix" {
  description = "Prefix that the pipeline may read: upload CSV files here."
  value       = local.data_prefix
}

output "training_artifact_bucket" {
  description = "Bucket of the published model and of the runs' intermediate files."
  value       = var.training_artifact_bucket
}

output "training_artifact_key" {
  description = "Stable key of the published model."
  value       = var.training_artifact_key
}

output "code_version" {
  description = "SHA-256 over the functions' sources, which each function knows as CODE_VERSION."
  value       = local.code_version
}

output "function_names" {
  description = "Name of each step's function."
  value       = { for step, function in aws_lambda_function.step : step => function.function_name }
}

output "function_arns" {
  description = "ARN of each step's function, without a version."
  value       = { for step, function in aws_lambda_function.step : step => function.arn }
}

output "alias_arns" {
  description = "ARN of each function's alias, its newest version: what is called by hand."
  value       = { for step, alias in aws_lambda_alias.live : step => alias.arn }
}

output "role_arns" {
  description = "ARN of each function's role, and of the state machine's."
  value = merge(
    { for step, role in aws_iam_role.step : step => role.arn },
    { state-machine = aws_iam_role.state_machine.arn },
  )
}

output "state_machine_name" {
  description = "Name of the training pipeline's state machine."
  value       = aws_sfn_state_machine.training_pipeline.name
}

output "state_machine_arn" {
  description = "ARN of the training pipeline's state machine: what start-execution takes."
  value       = aws_sfn_state_machine.training_pipeline.arn
}

output "log_group_names" {
  description = "Log group of each function, and of the state machine."
  value = merge(
    { for step, group in aws_cloudwatch_log_group.step : step => group.name },
    { state-machine = aws_cloudwatch_log_group.state_machine.name },
  )
}

output "metrics_namespace" {
  description = "CloudWatch namespace of the functions' own metrics."
  value       = local.metrics_namespace
}

output "alarm_topic_arn" {
  description = "SNS topic of alarms and faults, null without alarms."
  value       = try(aws_sns_topic.this["alarms"].arn, null)
}

output "rejected_topic_arn" {
  description = "SNS topic of refused requests, data and models, null without alarms."
  value       = try(aws_sns_topic.this["rejected"].arn, null)
}

output "not_started_queue_url" {
  description = "Dead-letter queue of events that started no execution, null without triggers."
  value       = one(aws_sqs_queue.not_started[*].id)
}
