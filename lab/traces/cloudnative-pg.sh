#!/usr/bin/env bash
# cloudnative-pg.sh CLUSTER: records the traces of CloudNativePG's kinds on a cluster with real nodes that has
# `lab operator install barman-cloud`, a Cluster demo/main with backups, and nothing called `traced` in namespace demo.
set -euo pipefail
cluster=${1:?the name of a lab cluster with real nodes}
software="cloudnative-pg v1.30.0"
kubectl() { "$(lab program kubectl)" --kubeconfig="$(lab kubeconfig "$cluster")" --namespace=demo "$@"; }
kind=clusters.postgresql.cnpg.io
healthy="status.phase=Cluster in healthy state"

# record KIND NAME TITLE QUIET UNTIL: starts recording; the watch is open before what comes next
record() {
  lab trace record "$1" "$2" -n demo --as "$3" --software "$software" --cluster "$cluster" \
    --quiet "$4" --until "$5" --seconds 240 &
  recorder=$!
  sleep 4
}

record $kind traced create 45 "$healthy"
kubectl apply --server-side --filename=- <<Y
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: traced}
spec: {instances: 2, imageName: "lab.local/postgresql:15", storage: {size: 1Gi}}
Y
wait $recorder

record $kind traced scale-up 30 "$healthy"
kubectl patch $kind traced --type=merge --patch='{"spec": {"instances": 3}}'
wait $recorder

record $kind traced scale-down 30 "$healthy"
kubectl patch $kind traced --type=merge --patch='{"spec": {"instances": 2}}'
wait $recorder

record $kind traced fail-primary 30 "$healthy"
kubectl delete pod "$(kubectl get $kind traced --output=jsonpath='{.status.currentPrimary}')" --grace-period=1 --wait=false
wait $recorder

record $kind traced configure 30 "$healthy"
kubectl patch $kind traced --type=merge --patch='{"spec": {"postgresql": {"parameters": {"max_connections": "120"}}}}'
wait $recorder

record backups.postgresql.cnpg.io traced create 10 status.phase=completed
kubectl apply --server-side --filename=- <<Y
apiVersion: postgresql.cnpg.io/v1
kind: Backup
metadata: {name: traced}
spec: {cluster: {name: main}, method: plugin, pluginConfiguration: {name: barman-cloud.cloudnative-pg.io}}
Y
wait $recorder

record backups.postgresql.cnpg.io unplugged fail 20 status.phase=failed # a Cluster without the plugin
kubectl apply --server-side --filename=- <<Y
apiVersion: postgresql.cnpg.io/v1
kind: Backup
metadata: {name: unplugged}
spec: {cluster: {name: traced}, method: plugin, pluginConfiguration: {name: barman-cloud.cloudnative-pg.io}}
Y
wait $recorder

record $kind traced hibernate 30 ""
kubectl annotate $kind traced cnpg.io/hibernation=on
wait $recorder

record $kind traced resume 30 "$healthy"
kubectl annotate --overwrite $kind traced cnpg.io/hibernation=off
wait $recorder

record $kind traced delete 30 ""
kubectl delete $kind traced --wait=false
wait $recorder
