"""All runs and models on one page: gathered from the services, laid out, written. Not one run, nor one model."""
