apiVersion: apps/v1
kind: Deployment
metadata:
  name: env
spec:
  selector: {matchLabels: {app: env}}
  template:
    metadata: {labels: {app: env}}
    spec:
      containers:
        - name: main
          image: main
          env:
            - {name: LOG_LEVEL, value: info}
            - {name: OTHER, value: x}
            - {name: LOG_LEVEL, value: debug}
