# The same provider for AWS and for the local cloud: AWS_ENDPOINT_URL says where the calls go, and
# var.local_endpoint switches off what only an AWS account can answer.
provider "aws" {
  region = var.region

  s3_use_path_style           = var.local_endpoint
  skip_credentials_validation = var.local_endpoint
  skip_metadata_api_check     = var.local_endpoint
  skip_region_validation      = var.local_endpoint
  skip_requesting_account_id  = var.local_endpoint

  default_tags {
    tags = merge({ Project = var.name_prefix }, var.tags)
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}
