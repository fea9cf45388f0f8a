"""The real profile: nodes that run containers, each in namespaces of its own. Root and Linux."""
