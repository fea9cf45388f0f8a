{{- $ca := genCA "everything" 30 }}
{{- $certificate := genSignedCert "everything" nil (list (printf "everything.%s.svc" .Release.Namespace)) 30 $ca }}
apiVersion: v1
kind: Secret
metadata:
  name: {{ .Release.Name }}-tls
type: kubernetes.io/tls
data:
  ca.crt: {{ $ca.Cert | b64enc }}
  tls.crt: {{ $certificate.Cert | b64enc }}
  tls.key: {{ $certificate.Key | b64enc }}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: {{ .Release.Namespace }}-{{ .Release.Name }}
webhooks:
  - name: nothing.everything.example.org
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Ignore
    clientConfig:
      caBundle: {{ $ca.Cert | b64enc }}
      service:
        name: everything
        namespace: {{ .Release.Namespace }}
    rules:
      - apiGroups: [everything.example.org]
        apiVersions: [v1]
        operations: [DELETE]
        resources: [crontabs]
