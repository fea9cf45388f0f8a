apiVersion: v1
kind: ConfigMap
metadata:
  name: labels
  labels:
    app: one
    tier: same
    tier: same
    app: two
