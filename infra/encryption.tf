# The customer-managed key, if any. It exists already, and its policy is its owner's: docs/aws.md says what it must allow.

locals {
  # A list, for the blocks that exist only with a key.
  kms_keys = var.kms_key_arn == null ? [] : [var.kms_key_arn]

  # Through which service a function may use the key.
  s3_service = "s3.${var.region}.${data.aws_partition.current.dns_suffix}"
}
