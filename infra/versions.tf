# One provider, pinned here. No lock file is committed: one written from a local mirror holds a single
# platform's hash and breaks `terraform init` everywhere else.
terraform {
  required_version = ">= 1.6"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}
