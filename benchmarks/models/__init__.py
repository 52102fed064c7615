"""The model benchmark: the whole product beside what a person would pick instead, on other people's tables."""
