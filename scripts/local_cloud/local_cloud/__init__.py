"""LocalStack on the host, with each Lambda execution environment an awslambdaric process."""
