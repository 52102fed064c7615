# The data bucket (unless it exists already) and the artifact bucket, with the same protection.

locals {
  buckets = merge(
    { artifact = var.training_artifact_bucket },
    var.create_data_bucket ? { data = var.training_data_bucket } : {},
  )

  bucket_arns = {
    data     = "arn:${data.aws_partition.current.partition}:s3:::${var.training_data_bucket}"
    artifact = "arn:${data.aws_partition.current.partition}:s3:::${var.training_artifact_bucket}"
  }

  data_prefix     = "${dirname(var.training_data_key)}/"
  models_prefix   = "${dirname(var.training_artifact_key)}/"
  runs_prefix     = "runs/"
  packages_prefix = "packages/"
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:Access logs need a bucket of the account's; CloudTrail's data events tell the same
  #checkov:skip=CKV_AWS_144:The artifact is made again from the data in minutes; the data is its owner's to replicate
  #checkov:skip=CKV_AWS_145:Encrypted with S3's own key; with a customer's key where kms_key_arn names one
  #checkov:skip=CKV2_AWS_62:Only a deployment with trigger_on_upload listens for new objects, and only in the data bucket
  for_each = local.buckets

  bucket        = each.value
  force_destroy = each.key == "data" ? var.force_destroy_data_bucket : var.force_destroy_artifact_bucket

  lifecycle {
    precondition {
      condition     = var.training_data_bucket != var.training_artifact_bucket
      error_message = "training_data_bucket and training_artifact_bucket are the same: name two buckets."
    }

    # All of AWS shares its bucket names: who has these is a stranger.
    precondition {
      condition     = var.local_endpoint || (var.training_data_bucket != "ml-data-demo" && var.training_artifact_bucket != "artifacts")
      error_message = "ml-data-demo and artifacts are the local cloud's buckets: name training_data_bucket and training_artifact_bucket."
    }
  }
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = aws_s3_bucket.this

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }

    # One call to KMS for many objects.
    bucket_key_enabled = var.kms_key_arn != null
  }
}

data "aws_iam_policy_document" "bucket" {
  for_each = local.buckets

  statement {
    sid       = "DenyWithoutTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [local.bucket_arns[each.key], "${local.bucket_arns[each.key]}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  # A published version is written once, whoever writes: without the header If-None-Match a write would replace it.
  dynamic "statement" {
    for_each = each.key == "artifact" ? ["${local.models_prefix}*/versions/*"] : []

    content {
      sid       = "KeepVersions"
      effect    = "Deny"
      actions   = ["s3:PutObject"]
      resources = ["${local.bucket_arns[each.key]}/${statement.value}"]

      principals {
        type        = "*"
        identifiers = ["*"]
      }

      condition {
        test     = "Null"
        variable = "s3:if-none-match"
        values   = ["true"]
      }
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id
  policy = data.aws_iam_policy_document.bucket[each.key].json

  # S3 refuses two changes of a bucket's access at the same time.
  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = { for name, bucket in aws_s3_bucket.this : name => bucket if var.manage_bucket_lifecycle }

  bucket = each.value.id

  rule {
    id     = "abort-incomplete-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  # What a CSV was before it was replaced; a run can be repeated on its version as long as that is kept.
  dynamic "rule" {
    for_each = each.key == "data" && var.data_noncurrent_days != null ? [var.data_noncurrent_days] : []

    content {
      id     = "expire-replaced-data"
      status = "Enabled"

      filter {}

      noncurrent_version_expiration {
        noncurrent_days = rule.value
      }
    }
  }

  dynamic "rule" {
    for_each = each.key == "artifact" ? [local.runs_prefix] : []

    content {
      id     = "expire-runs"
      status = "Enabled"

      filter {
        prefix = rule.value
      }

      expiration {
        days = var.runs_retention_days
      }

      noncurrent_version_expiration {
        noncurrent_days = 1
      }
    }
  }

  # What is left of an expired run is its delete markers.
  dynamic "rule" {
    for_each = each.key == "artifact" ? [local.runs_prefix] : []

    content {
      id     = "remove-delete-markers"
      status = "Enabled"

      filter {
        prefix = rule.value
      }

      expiration {
        expired_object_delete_marker = true
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}
