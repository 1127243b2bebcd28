PYTHON ?= python3
.DEFAULT_GOAL := help
.PHONY: help demo start test check audit tidy lock bench first-hour life licences docs release

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/'
demo: ## try everything here, without accounts
	@$(PYTHON) dev.py demo
start: ## run the real thing with the settings in .env
	@$(PYTHON) dev.py start
test: ## all tests, from a fresh clone
	@$(PYTHON) dev.py test
check: ## format, lint, strict types, import contracts, libraries' known faults, benchmarks' counts, all tests
	@$(PYTHON) dev.py check
audit: ## ask an advisory database about every pinned library
	@$(PYTHON) dev.py audit
tidy: ## format, and mend what the linter can
	@$(PYTHON) dev.py tidy
bench: ## every figure beside its baseline, into docs/benchmarks.md; three quarters of an hour on a quiet machine
	@$(PYTHON) dev.py bench
first-hour: ## type docs/rehearsal.md from an empty home to a restored installation
	@$(PYTHON) dev.py first-hour
life: ## live a month, with outages of everything and both changes of the clocks
	@$(PYTHON) dev.py life
lock: ## write the requirements files afresh
	@$(PYTHON) dev.py lock
licences: ## list the libraries' licences in docs/licences.md
	@$(PYTHON) dev.py licences
docs: ## build the documents as a site
	@$(PYTHON) dev.py docs
release: ## build wheel and sdist, twice to the same bytes, and try them
	@$(PYTHON) dev.py release
