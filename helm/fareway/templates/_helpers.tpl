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
{{- define "fareway.webhook" -}}{{ include "fareway.fullname" . }}-webhook{{- end -}}

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

{{/* An image's full name, from its short one. */}}
{{- define "fareway.image" -}}
{{- $image := printf "%s:%s" .name (default .root.Chart.AppVersion .root.Values.image.tag) -}}
{{- if .root.Values.image.registry -}}{{ .root.Values.image.registry }}/{{ $image }}{{- else -}}{{ $image }}{{- end -}}
{{- end -}}

{{/* 5ms as the PT0.005S that the operator reads. */}}
{{- define "fareway.duration" -}}
{{- if hasSuffix "ms" . -}}PT{{ divf (trimSuffix "ms" . | float64) 1000.0 }}S{{- else -}}PT{{ trimSuffix "s" . }}S{{- end -}}
{{- end -}}
