"""The lab: real Kubernetes from package registries in one command."""
