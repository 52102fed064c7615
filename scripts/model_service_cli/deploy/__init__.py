"""Terraform and what it deploys: the zips, the target, the provider. Not what runs there."""
