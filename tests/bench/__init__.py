"""The product at its largest, measured over HTTP: `make bench`."""
