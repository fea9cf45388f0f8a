apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: 0
  selector:
    matchLabels: {app: everything}
  template:
    metadata:
      labels: {app: everything}
      annotations:
        checksum/secret: {{ include (print $.Template.BasePath "/secret.tpl") . | sha256sum }}
        rendered: {{ now | date "2006-01-02T15:04:05Z07:00" | quote }}
    spec:
      containers:
        - name: main
          image: everything:{{ .Chart.AppVersion }}
          env:
            - {name: LEVEL, value: {{ .Values.level | quote }}}
            - {name: KUBERNETES, value: {{ .Capabilities.KubeVersion.Version | quote }}}
            - {name: HAS_APPS, value: {{ .Capabilities.APIVersions.Has "apps/v1/Deployment" | quote }}}
            - {name: HAS_OWN, value: {{ .Capabilities.APIVersions.Has "everything.example.org/v1/CronTab" | quote }}}
            - {name: UPGRADE, value: {{ .Release.IsUpgrade | quote }}}
