"""Container images without a registry: declarative recipes, layers in the cache, archives for containerd."""
