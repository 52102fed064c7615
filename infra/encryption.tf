# The customer-managed keys, if any. They exist already, and their policies are their owners': docs/aws.md has the whole
# policy that the key of this deployment needs.

locals {
  # A list, for the blocks that exist only with a key.
  kms_keys = var.kms_key_arn == null ? [] : [var.kms_key_arn]

  # Through which service a role may use a key. The suffix is the same in every partition, unlike a service's own domain.
  s3_service = "s3.${var.region}.amazonaws.com"
}
