{{- define "fareway.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "fareway.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "fareway.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "fareway.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "fareway.operator" -}}{{ include "fareway.fullname" . }}-operator{{- end -}}
{{- define "fareway.nodeDaemon" -}}{{ include "fareway.fullname" . }}-node-daemon{{- end -}}
{{- define "fareway.activator" -}}{{ include "fareway.fullname" . }}-activator{{- end -}}
{{- define "fareway.webhook" -}}{{ include "fareway.fullname" . }}-webhook{{- end -}}
{{- define "fareway.console" -}}{{ include "fareway.fullname" . }}-console{{- end -}}

{{- define "fareway.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 }}
app.kubernetes.io/part-of: fareway
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end -}}

{{- define "fareway.selector.operator" -}}
app.kubernetes.io/name: {{ include "fareway.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end -}}

{{- define "fareway.selector.nodeDaemon" -}}
app.kubernetes.io/name: {{ include "fareway.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: node-daemon
{{- end -}}

{{- define "fareway.selector.activator" -}}
app.kubernetes.io/name: {{ include "fareway.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: activator
{{- end -}}

{{/* Pods of hooks and of the test: what runs once. */}}
{{- define "fareway.selector.task" -}}
app.kubernetes.io/name: {{ include "fareway.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: task
{{- end -}}

{{/* Where the activator runs: with Knative, in Knative's namespace. */}}
{{- define "fareway.activatorNamespace" -}}
{{- if eq .Values.activator.functions "Knative" -}}{{ .Values.activator.knativeNamespace }}{{- else -}}{{ .Release.Namespace }}{{- end -}}
{{- end -}}

{{/* Whether the operator tells in Knative's namespace, too, whom to trust. */}}
{{- define "fareway.authoritiesElsewhere" -}}
{{- if and .Values.activator.enabled (eq .Values.activator.functions "Knative") (not .Values.certificates.certManager.enabled) -}}true{{- end -}}
{{- end -}}

{{/* Whether node daemons' metrics are on the pods' addresses. */}}
{{- define "fareway.nodeMetrics" -}}
{{- if and .Values.nodeDaemon.enabled (ne (int .Values.nodeDaemon.statusPort) 0) (or .Values.nodeDaemon.exposeMetrics .Values.serviceMonitor.enabled) -}}true{{- end -}}
{{- end -}}

{{/* What a pod that has no business with its node runs as: all that the "restricted" level asks for. */}}
{{- define "fareway.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end -}}
{{- define "fareway.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* What the node daemon may do on its node. */}}
{{- define "fareway.nodeSecurity" -}}
runAsUser: 0
readOnlyRootFilesystem: true
{{- if .Values.nodeDaemon.privileged }}
privileged: true
{{- else }}
allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]
  # Priorities of others' threads; their memory, to bring it back ahead of use; cgroup files and
  # processes of any user; trusted attributes on cgroups, where what was changed is noted.
  add: [SYS_NICE, SYS_PTRACE, DAC_OVERRIDE, KILL, SYS_ADMIN]
seccompProfile: {type: Unconfined}
appArmorProfile: {type: Unconfined}
{{- end }}
{{- end -}}

{{/* A container that runs one task of the operator's program; of root, name and args. */}}
{{- define "fareway.taskPod" -}}
serviceAccountName: {{ .name }}
restartPolicy: Never
securityContext: {{- include "fareway.podSecurity" .root | nindent 2 }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: task
    image: {{ include "fareway.image" (dict "root" .root "name" .root.Values.operator.image) }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args: {{ toJson .args }}
    resources:
      requests: {cpu: 50m, memory: 96Mi}
      limits: {memory: 256Mi}
    securityContext: {{- include "fareway.containerSecurity" .root | nindent 6 }}
    volumeMounts:
      - {name: tmp, mountPath: /tmp}
volumes:
  - name: tmp
    emptyDir: {sizeLimit: 32Mi}
{{- with .root.Values.operator.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.operator.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* An image's full name, from its short one. */}}
{{- define "fareway.image" -}}
{{- $image := printf "%s:%s" .name (default .root.Chart.AppVersion .root.Values.image.tag) -}}
{{- if .root.Values.image.registry -}}{{ .root.Values.image.registry }}/{{ $image }}{{- else -}}{{ $image }}{{- end -}}
{{- end -}}

{{/* 5ms as the PT0.005S that the operator reads. */}}
{{- define "fareway.duration" -}}
{{- if hasSuffix "ms" . -}}PT{{ divf (trimSuffix "ms" . | float64) 1000.0 }}S{{- else -}}PT{{ trimSuffix "s" . }}S{{- end -}}
{{- end -}}
