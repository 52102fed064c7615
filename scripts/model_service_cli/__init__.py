"""The command line of the repository: what the make targets call, as `python -m model_service_cli COMMAND`."""
