#!/bin/sh
# Runs the examples as their first lines say: test.sh FOLDER-OF-PROGRAMS FOLDER-OF-CERTIFICATES
set -eu
bin=$1 data=$2
work=$(mktemp -d)
server=
trap 'test -z "$server" || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

fail() { echo "FAILED: $1"; test ! -f "$work/out" || cat "$work/out"; exit 1; }
# Starts a server and sets $at to what follows "listening on".
start() {
  : >"$work/listening"  # now: the process below would empty it too late, and the last server's line be read
  "$@" >"$work/listening" 2>"$work/server-errors" &
  server=$!
  for _ in $(seq 100); do
    at=$(sed -n 's/^listening on //p' "$work/listening")
    test -z "$at" || return 0
    sleep 0.1
  done
  cat "$work/server-errors"
  fail "$1 does not listen"
}
stop() { kill "$server"; wait "$server" || true; server=; }

if test -x "$bin/example_ca_with_records"; then
  "$bin/example_ca_with_records" "$work/example-ca" >"$work/out" || fail ca_with_records
  grep -q 'revoked   CN=www.example.test' "$work/out" || fail "ca_with_records does not revoke"
  grep -q 'DNS:www.example.com' "$work/out" || fail "ca_with_records does not say what is forbidden"
fi

"$bin/example_sans_io" "$data/p256.pem" "$data/p256.key.pem" "$data/ca.pem" >"$work/out"
grep -q 'got: Hello from server!' "$work/out" || fail sans_io
grep -q 'got: Hello from client!' "$work/out" || fail sans_io

start "$bin/example_tls_server" "$data/p256.pem" "$data/p256.key.pem"
"$bin/example_tls_client" "$at" "$data/ca.pem" >"$work/out" || fail tls_client
grep -q 'Hello from client!' "$work/out" || fail tls_client
if "$bin/example_tls_client" "$at" "$data/other-ca.pem" >"$work/out" 2>&1; then fail "tls_client with the wrong CA"; fi
grep -q 'remedy:' "$work/out" || fail "tls_client does not explain"
if test -x "$bin/example_c_client"; then
  "$bin/example_c_client" "${at%:*}" "${at##*:}" "$data/ca.pem" >"$work/out" || fail c_client
  grep -q 'Hello from client!' "$work/out" || fail c_client
  if "$bin/example_c_client" "${at%:*}" "${at##*:}" "$data/other-ca.pem" >"$work/out" 2>&1; then
    fail "c_client with the wrong CA"
  fi
  grep -q 'remedy:' "$work/out" || fail "c_client does not explain"
fi
stop

if test -x "$bin/example_asio_echo"; then
  "$bin/example_asio_echo" "$data/p256.pem" "$data/p256.key.pem" "$data/ca.pem" >"$work/out" || fail asio_echo
  grep -q 'echo: Hello from client!' "$work/out" || fail asio_echo

  start "$bin/example_https_server" "$data/p256.pem" "$data/p256.key.pem" localhost:0 "$data"
  "$bin/example_https_client" "$at/hello/Ur" "$data/ca.pem" >"$work/out" || fail https_client
  grep -q 'Hello Ur!' "$work/out" || fail https_client
  "$bin/example_https_client" "$at/ca.pem" "$data/ca.pem" >"$work/out" || fail "https_client, a file"
  grep -q 'BEGIN CERTIFICATE' "$work/out" || fail "https_client, a file"
  stop

  start "$bin/example_mutual_tls" "$data/p256.pem" "$data/p256.key.pem" "$data/ca.pem" localhost:0
  curl --silent --cacert "$data/ca.pem" --cert "$data/client.pem" --key "$data/client.key.pem" "$at/" >"$work/out" ||
    fail mutual_tls
  grep -q 'You are CN=client' "$work/out" || fail "mutual_tls does not say who came"
  if curl --silent --cacert "$data/ca.pem" "$at/" >"$work/out" 2>&1; then fail "mutual_tls without a certificate"; fi
  stop
fi
echo "all examples ran"
