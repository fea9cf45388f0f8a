apiVersion: v1
kind: Secret
metadata:
  name: {{ .Release.Name }}
stringData:
  password: {{ .Values.password | default (randAlphaNum 24) | quote }}
  config: |
    level = {{ .Values.level }}
    token = {{ randAlphaNum 16 }}
