# The local cloud: what it lacks is off, and everything can be thrown away.
local_endpoint                = true
force_destroy_artifact_bucket = true
force_destroy_data_bucket     = true
manage_bucket_lifecycle       = false
xray_tracing                  = false
lambda_architecture           = "x86_64"
log_retention_days            = 7
state_machine_log_level       = "ALL"
state_machine_log_data        = true
