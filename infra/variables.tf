# Where the data and the artifact live

variable "training_data_bucket" {
  description = "Bucket of the labelled CSV."
  type        = string
  default     = "ml-data-demo"

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.training_data_bucket))
    error_message = "A bucket name has 3 to 63 characters of a-z, 0-9, '.' and '-', and begins and ends with a letter or digit."
  }
}

variable "training_data_key" {
  description = "Key of the labelled CSV. Its folder is the prefix that FetchAndValidate may read."
  type        = string
  default     = "data/btc_candles_labeled_sample.csv"

  # A wildcard in the key would widen the policy of the function's role.
  validation {
    condition     = can(regex("^([A-Za-z0-9!_.'()-]+/)+[A-Za-z0-9!_.'()-]+$", var.training_data_key))
    error_message = "The key needs a folder, as in data/candles.csv, no empty one, and only letters, digits and ! _ . ' ( ) - in its parts."
  }
}

variable "training_artifact_bucket" {
  description = "Bucket of the published model, the runs' intermediate files and the functions' code."
  type        = string
  default     = "artifacts"

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.training_artifact_bucket))
    error_message = "A bucket name has 3 to 63 characters of a-z, 0-9, '.' and '-', and begins and ends with a letter or digit."
  }
}

variable "training_artifact_key" {
  description = "Stable key of the model of training_data_key. Its folder, the prefix that PublishArtifact may read and write, takes the models of all other CSVs."
  type        = string
  default     = "models/training_pipeline.pkl"

  validation {
    condition     = can(regex("^([A-Za-z0-9!_.'()-]+/)+[A-Za-z0-9!_.'()-]+$", var.training_artifact_key))
    error_message = "The key needs a folder, as in models/candles.pkl, no empty one, and only letters, digits and ! _ . ' ( ) - in its parts."
  }

  validation {
    condition     = !can(regex("^(runs|packages)/|(^|/)versions/", var.training_artifact_key))
    error_message = "runs/, packages/ and folders named versions hold the runs' files, the functions' code and published versions: choose another folder."
  }
}

variable "create_data_bucket" {
  description = "Create the data bucket. False where it exists already: its settings are then its owner's."
  type        = bool
  default     = true
}

variable "training_data_account" {
  description = "Account that owns the data bucket, where it is another one's. By default this account."
  type        = string
  default     = null

  validation {
    condition     = var.training_data_account == null ? true : can(regex("^[0-9]{12}$", var.training_data_account))
    error_message = "An account is 12 digits."
  }
}

variable "force_destroy_artifact_bucket" {
  description = "Let `terraform destroy` delete the artifact bucket while it holds objects, published models among them."
  type        = bool
  default     = false
}

variable "force_destroy_data_bucket" {
  description = "Let `terraform destroy` delete the data bucket while it holds objects: the training data in all its versions."
  type        = bool
  default     = false
}

variable "data_noncurrent_days" {
  description = "Days after which the replaced version of a CSV expires. By default never."
  type        = number
  default     = null

  validation {
    condition = (
      var.data_noncurrent_days == null ? true :
      var.data_noncurrent_days >= 1 && floor(var.data_noncurrent_days) == var.data_noncurrent_days
    )
    error_message = "Give a whole number of days, 1 or more."
  }
}

variable "manage_bucket_lifecycle" {
  description = "Expire old runs and abandoned uploads. The provider waits a minute for it to settle, hence off locally."
  type        = bool
  default     = true
}

variable "runs_retention_days" {
  description = "Days after which a run's intermediate files (runs/ in the artifact bucket) expire."
  type        = number
  default     = 30

  validation {
    condition     = var.runs_retention_days >= 1 && floor(var.runs_retention_days) == var.runs_retention_days
    error_message = "Give a whole number of days, 1 or more."
  }
}

# Names and place

variable "name_prefix" {
  description = "First part of every name: functions, roles, state machine, log groups."
  type        = string
  default     = "model-service"

  # The longest name, <prefix>-fetch-and-validate-<region>, must fit into the 64 characters of a role.
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name_prefix))
    error_message = "Use 3 to 30 characters: a-z, 0-9 and '-', beginning with a letter and not ending with '-'."
  }
}

variable "region" {
  description = "AWS region."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "That is not a region's name, such as eu-central-1."
  }
}

variable "tags" {
  description = "Tags on everything, besides Project."
  type        = map(string)
  default     = {}
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds every role made here, where an account asks for one."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null ? true : can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary_arn))
    error_message = "Give the ARN of a policy, as in arn:aws:iam::123456789012:policy/boundary."
  }
}

variable "local_endpoint" {
  description = "The endpoint in AWS_ENDPOINT_URL is a local cloud: path-style S3, and no checks that need an AWS account."
  type        = bool
  default     = false
}

# Functions

variable "lambda_architecture" {
  description = "Processor of the functions."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.lambda_architecture)
    error_message = "Lambda has arm64 and x86_64."
  }
}

variable "lambda_memory_mb" {
  description = "Memory of each function but summarize in MB. Lambda gives processor time in proportion; 1769 MB are one core."
  type        = number
  default     = 1024

  validation {
    condition     = var.lambda_memory_mb >= 128 && var.lambda_memory_mb <= 10240 && floor(var.lambda_memory_mb) == var.lambda_memory_mb
    error_message = "Lambda takes a whole number from 128 to 10240 MB."
  }
}

variable "lambda_timeout_seconds" {
  description = "Timeout of each function but summarize in seconds."
  type        = number
  default     = 300

  # The state machine's own task timeout lies just above Lambda's limit.
  validation {
    condition     = var.lambda_timeout_seconds >= 1 && var.lambda_timeout_seconds <= 900 && floor(var.lambda_timeout_seconds) == var.lambda_timeout_seconds
    error_message = "Lambda takes a whole number from 1 to 900 seconds."
  }
}

variable "summarize_memory_mb" {
  description = "Memory of the summarize function, which fits models, in MB. 1769 MB are one core, and it uses one."
  type        = number
  default     = 1769

  validation {
    condition     = var.summarize_memory_mb >= 128 && var.summarize_memory_mb <= 10240 && floor(var.summarize_memory_mb) == var.summarize_memory_mb
    error_message = "Lambda takes a whole number from 128 to 10240 MB."
  }
}

variable "summarize_timeout_seconds" {
  description = "Timeout of the summarize function in seconds; what it accepts to fit is bounded for 900."
  type        = number
  default     = 900

  validation {
    condition     = var.summarize_timeout_seconds >= 1 && var.summarize_timeout_seconds <= 900 && floor(var.summarize_timeout_seconds) == var.summarize_timeout_seconds
    error_message = "Lambda takes a whole number from 1 to 900 seconds."
  }
}

variable "lambda_ephemeral_storage_mb" {
  description = "Size of /tmp of each function in MB."
  type        = number
  default     = 512

  validation {
    condition     = var.lambda_ephemeral_storage_mb >= 512 && var.lambda_ephemeral_storage_mb <= 10240 && floor(var.lambda_ephemeral_storage_mb) == var.lambda_ephemeral_storage_mb
    error_message = "Lambda takes a whole number from 512 to 10240 MB."
  }
}

variable "provisioned_concurrency" {
  description = "Environments of each function kept warm behind its alias. Paid by the hour; 0 keeps none."
  type        = number
  default     = 0

  validation {
    condition     = var.provisioned_concurrency >= 0 && var.provisioned_concurrency <= 1000 && floor(var.provisioned_concurrency) == var.provisioned_concurrency
    error_message = "Give a whole number from 0 to 1000."
  }
}

# Shards

variable "shard_bytes" {
  description = "Size of a shard in bytes: a larger CSV is cut into shards of about this size, validated side by side."
  type        = number
  default     = 33554432

  validation {
    condition     = var.shard_bytes >= 1048576 && var.shard_bytes <= 2147483648 && floor(var.shard_bytes) == var.shard_bytes
    error_message = "Give a whole number of bytes from 1048576 (1 MiB) to 2147483648 (2 GiB)."
  }
}

variable "range_cells" {
  description = "Rows times features of a range, which rows of several shards are summarized in: at least 4,096 rows."
  type        = number
  default     = 4194304

  validation {
    condition     = var.range_cells >= 4096 && var.range_cells <= 134217728 && floor(var.range_cells) == var.range_cells
    error_message = "Give a whole number of cells from 4096 to 134217728."
  }
}

variable "map_max_concurrency" {
  description = "Shards validated at the same time. By default 100, and 4 in the local cloud, where each is a process."
  type        = number
  default     = null

  validation {
    condition = (
      var.map_max_concurrency == null ? true :
      var.map_max_concurrency >= 1 && var.map_max_concurrency <= 10000 && floor(var.map_max_concurrency) == var.map_max_concurrency
    )
    error_message = "A Distributed Map takes a whole number from 1 to 10000."
  }
}

variable "range_max_concurrency" {
  description = "Ranges of rows summarized, or evaluated, at the same time. By default 100, and 4 in the local cloud, where each is a process."
  type        = number
  default     = null

  validation {
    condition = (
      var.range_max_concurrency == null ? true :
      var.range_max_concurrency >= 1 && var.range_max_concurrency <= 10000 && floor(var.range_max_concurrency) == var.range_max_concurrency
    )
    error_message = "A Distributed Map takes a whole number from 1 to 10000."
  }
}

# Logs and traces

variable "log_retention_days" {
  description = "Days for which CloudWatch keeps the logs of the functions and of the state machine."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch Logs takes 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days."
  }
}

variable "state_machine_log_level" {
  description = "Which events of an execution reach its log group: ALL, ERROR (what failed), FATAL or OFF."
  type        = string
  default     = "ERROR"

  validation {
    condition     = contains(["ALL", "ERROR", "FATAL", "OFF"], var.state_machine_log_level)
    error_message = "Step Functions has ALL, ERROR, FATAL and OFF."
  }
}

variable "state_machine_log_data" {
  description = "Log inputs and outputs too: requests, references, figures. The history of an execution has them in any case."
  type        = bool
  default     = false
}

variable "xray_tracing" {
  description = "Trace executions and functions with X-Ray."
  type        = bool
  default     = true
}

# Encryption

variable "kms_key_arn" {
  description = "Customer-managed KMS key for buckets, logs, functions' variables, state machine and alarms. By default AWS's own keys."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "Give the ARN of a key, as in arn:aws:kms:eu-central-1:123456789012:key/1234abcd-...; an alias does not do."
  }
}

variable "former_kms_key_arns" {
  description = "Keys that kms_key_arn named before: what lies under them can still be read. Keep one for as long as objects do."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.former_kms_key_arns : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", arn))])
    error_message = "Give ARNs of keys, as in arn:aws:kms:eu-central-1:123456789012:key/1234abcd-...; an alias does not do."
  }
}

variable "data_kms_key_arns" {
  description = "Keys that a data bucket of your own is encrypted with (create_data_bucket = false): the steps that read the CSV may decrypt with them."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.data_kms_key_arns : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", arn))])
    error_message = "Give ARNs of keys, as in arn:aws:kms:eu-central-1:123456789012:key/1234abcd-...; an alias does not do."
  }
}

# Triggers

variable "trigger_on_upload" {
  description = "Start an execution for every new object under the data prefix whose key ends with one of trigger_suffixes."
  type        = bool
  default     = false
}

variable "trigger_suffixes" {
  description = "What the key of a new object must end with to start an execution."
  type        = list(string)
  default     = [".csv", ".csv.gz"]

  # An empty suffix would match everything, a wildcard anything in between.
  validation {
    condition     = length(var.trigger_suffixes) > 0 && alltrue([for suffix in var.trigger_suffixes : can(regex("^[.][A-Za-z0-9._-]+$", suffix))])
    error_message = "Give one suffix or more, each a '.' with letters, digits, '.', '_' or '-' after it, such as .csv."
  }
}

variable "upload_input" {
  description = "Fields of the training request that an upload starts, as JSON; bucket, key and version are the upload's."
  type        = string
  default     = "{}"

  validation {
    condition     = can(keys(jsondecode(var.upload_input))) && length(setintersection(try(keys(jsondecode(var.upload_input)), []), ["bucket", "key", "version_id"])) == 0
    error_message = "Give a JSON object without bucket, key and version_id, such as {\"label_column\": \"churned\"}."
  }
}

variable "schedule_expression" {
  description = "When to start an execution by the clock: rate(1 day), cron(0 6 * * ? *) or at(2027-01-31T06:00:00). By default never."
  type        = string
  default     = null

  validation {
    condition     = var.schedule_expression == null ? true : can(regex("^(rate|cron|at)[(][^()]+[)]$", var.schedule_expression))
    error_message = "EventBridge Scheduler takes rate(...), cron(...) or at(...)."
  }
}

variable "schedule_timezone" {
  description = "Time zone of schedule_expression, by its IANA name."
  type        = string
  default     = "UTC"

  validation {
    condition     = can(regex("^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$", var.schedule_timezone))
    error_message = "That is not the name of a time zone, such as Europe/Berlin."
  }
}

variable "schedule_input" {
  description = "Training request of a scheduled execution, as JSON."
  type        = string
  default     = "{}"

  validation {
    condition     = can(keys(jsondecode(var.schedule_input)))
    error_message = "The request is a JSON object, such as {\"test_size\": 0.3}."
  }
}

# Monitoring

variable "alarms" {
  description = "Messages about faults, time-outs, throttling and events that started nothing to one SNS topic, about what was refused to another."
  type        = bool
  default     = false
}

variable "alarm_emails" {
  description = "Addresses that the alarms are mailed to. Each must confirm the subscription that AWS mails to it."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.alarm_emails : can(regex("^[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+$", address))])
    error_message = "One of these is not a mail address."
  }

  validation {
    condition     = length(var.alarm_emails) <= 100
    error_message = "Give at most 100 addresses."
  }
}

variable "rejected_emails" {
  description = "Addresses that hear of refused requests, data and models: whose they are. As alarm_emails."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.rejected_emails : can(regex("^[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+$", address))])
    error_message = "One of these is not a mail address."
  }
}

variable "heartbeat_hours" {
  description = "An alarm where no execution has succeeded for so many hours. By default 24 with a schedule and none without; 0 for none."
  type        = number
  default     = null

  # CloudWatch looks back over a week at most, by the hour.
  validation {
    condition = (
      var.heartbeat_hours == null ? true :
      var.heartbeat_hours >= 0 && var.heartbeat_hours <= 168 && floor(var.heartbeat_hours) == var.heartbeat_hours
    )
    error_message = "Give a whole number of hours from 0 to 168."
  }
}

variable "dashboard" {
  description = "A CloudWatch dashboard of executions, rows, quality and durations."
  type        = bool
  default     = false
}
