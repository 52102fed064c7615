# The local cloud: what it lacks is off, and everything can be thrown away.
local_endpoint          = true
force_destroy_buckets   = true
manage_bucket_lifecycle = false
xray_tracing            = false
lambda_architecture     = "x86_64"
log_retention_days      = 7
