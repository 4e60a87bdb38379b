# A PostgreSQL of one's own for a comparison; sourced by the scripts beside it, not run.
#
#   cluster NAME "initdb options" "server options"
#
# Makes a cluster in a temporary folder (on the disk of TMPDIR), serves it on a Unix socket only, and takes everything away when the script ends. Sets BIN and WORK.
# Needs Debian's package "postgresql"; refuses to run as root anything but through "runuser".

as_user() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

remove_cluster() {
    as_user "$BIN/pg_ctl" -D "$WORK/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$WORK"
}

cluster() {
    BIN="$(dirname "$(find /usr/lib/postgresql -name initdb | sort -V | tail -1)")"
    WORK="$(mktemp -d "${TMPDIR:-/tmp}/$1-XXXXXX")"
    trap remove_cluster EXIT
    if [ "$(id -u)" = 0 ]; then chown postgres "$WORK"; fi
    # The options are words.
    # shellcheck disable=SC2086
    as_user "$BIN/initdb" -D "$WORK/data" -A trust -U shop $2 >/dev/null
    as_user "$BIN/pg_ctl" -D "$WORK/data" -w -l "$WORK/log" -o "-c listen_addresses='' -c unix_socket_directories='$WORK' $3" start >/dev/null
}
