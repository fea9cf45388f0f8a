"""Real operators on real nodes: their own manifests out of their Go modules, their images out of recipes."""
