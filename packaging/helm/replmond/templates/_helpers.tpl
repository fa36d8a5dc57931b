{{- define "replmond.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- /* At most 52 characters: pods, and the label that names a StatefulSet's revision, add 11, and a name has 63. */ -}}
{{- define "replmond.fullname" -}}
{{- $name := include "replmond.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "replmond.selectorLabels" -}}
app.kubernetes.io/name: {{ include "replmond.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "replmond.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "replmond.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "replmond.image" -}}
{{- $repository := required "image.repository is empty: there is no public image. Push it to a registry of yours and name that (docs/kubernetes.md)" .Values.image.repository -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "replmond.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "replmond.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- /* Text of replmond.yaml. toYaml quotes strings that would read as something else, so they stay strings. */ -}}
{{- define "replmond.config" -}}
{{- if not .Values.config -}}
# Nothing is watched yet: the chart's value `config` is empty.
projects: []
instances: []
{{- else if kindIs "string" .Values.config -}}
{{- .Values.config -}}
{{- else -}}
{{- toYaml .Values.config -}}
{{- end -}}
{{- end -}}

{{- /* Text of web.yml. A TLS secret alone is a web configuration with TLS. */ -}}
{{- define "replmond.webConfig" -}}
{{- if kindIs "string" .Values.web.config -}}
{{- .Values.web.config -}}
{{- else -}}
{{- $config := deepCopy (.Values.web.config | default dict) -}}
{{- if and .Values.web.tlsSecret (not (hasKey $config "tls_server_config")) -}}
{{- $_ := set $config "tls_server_config" (dict "cert_file" "tls.crt" "key_file" "tls.key") -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}
{{- end -}}

{{- /* Whether a web configuration is made from values; and whether there is any. */ -}}
{{- define "replmond.ownWeb" -}}
{{- if and (not .Values.web.existingSecret) (or .Values.web.config .Values.web.tlsSecret) -}}true{{- end -}}
{{- end -}}
{{- define "replmond.hasWeb" -}}
{{- if or .Values.web.existingSecret .Values.web.config .Values.web.tlsSecret -}}true{{- end -}}
{{- end -}}

{{- define "replmond.scheme" -}}
{{- if .Values.web.scheme -}}
{{- .Values.web.scheme -}}
{{- else if .Values.web.tlsSecret -}}
https
{{- else if and (kindIs "map" .Values.web.config) (hasKey (.Values.web.config | default dict) "tls_server_config") -}}
https
{{- else -}}
http
{{- end -}}
{{- end -}}

{{- /* What a probe asks: call with a list of the root context and the path. */ -}}
{{- define "replmond.probe" -}}
{{- $root := index . 0 -}}
{{- if $root.Values.probes.tcp -}}
tcpSocket:
  port: http
{{- else -}}
httpGet:
  path: {{ index . 1 }}
  port: http
  scheme: {{ include "replmond.scheme" $root | upper }}
  {{- with $root.Values.probes.httpHeaders }}
  httpHeaders:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
{{- end -}}

{{- /* A file of dashboards/. Some tools that copy repositories leave symbolic links out. */ -}}
{{- define "replmond.file" -}}
{{- $root := index . 0 -}}
{{- $path := printf "files/%s" (index . 1) -}}
{{- $text := $root.Files.Get $path -}}
{{- if not $text -}}
{{- fail (printf "%s is missing: it is a symbolic link to the folder dashboards, and was not copied along. Install from a checkout, or from the package that script/chart --package makes" $path) -}}
{{- end -}}
{{- $text -}}
{{- end -}}

{{- define "replmond.validate" -}}
{{- if and .Values.config .Values.existingConfigMap -}}
{{- fail "config and existingConfigMap are both set: give one of them" -}}
{{- end -}}
{{- if and .Values.configFiles .Values.existingConfigMap -}}
{{- fail "configFiles and existingConfigMap are both set: put the files into your ConfigMap" -}}
{{- end -}}
{{- if hasKey .Values.configFiles "replmond.yaml" -}}
{{- fail "configFiles has replmond.yaml: that is what config is for" -}}
{{- end -}}
{{- if and .Values.web.config .Values.web.existingSecret -}}
{{- fail "web.config and web.existingSecret are both set: give one of them" -}}
{{- end -}}
{{- $paths := dict -}}
{{- range $name, $_ := .Values.secrets -}}
{{- $_ := set $paths $name true -}}
{{- end -}}
{{- range .Values.secretMounts -}}
{{- range .items -}}
{{- $path := .path | default .key -}}
{{- if hasKey $paths $path -}}
{{- fail (printf "two secrets would be the file secrets/%s: give one of them another path" $path) -}}
{{- end -}}
{{- $_ := set $paths $path true -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* Environment of both containers. */ -}}
{{- define "replmond.env" -}}
env:
  # A resolver that hangs must not hold a poll longer than its own deadline.
  - name: RES_OPTIONS
    value: "timeout:2 attempts:1"
  {{- if and .Values.oidc.enabled .Values.oidc.idpId }}
  - name: HUAWEICLOUD_SDK_IDP_ID
    value: {{ .Values.oidc.idpId | quote }}
  - name: HUAWEICLOUD_SDK_ID_TOKEN_FILE
    value: /var/run/secrets/replmond/token
  {{- end }}
  {{- with .Values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- /* Mounts of both containers. */ -}}
{{- define "replmond.mounts" -}}
- name: config
  mountPath: /etc/replmond
  readOnly: true
{{- if include "replmond.hasWeb" . }}
- name: web
  mountPath: /etc/replmond-web
  readOnly: true
{{- end }}
{{- if .Values.oidc.enabled }}
- name: oidc-token
  mountPath: /var/run/secrets/replmond
  readOnly: true
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}
