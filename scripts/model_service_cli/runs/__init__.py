"""Runs of the pipeline: start one, follow it, list, compare and read their logs. Not the models they publish."""
