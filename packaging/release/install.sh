#!/bin/sh
# Installs what is beside it: the program, its units, a configuration where there is none, boards, rules and the manual page.
#   ./install.sh              into the system, and shows how to start it; needs root
#   ./install.sh DIRECTORY    below that directory, and changes nothing else
# Run again it upgrades: /etc/replmond/replmond.yaml and /etc/default/replmond stay as they are.
set -eu
cd "$(dirname "$0")"
root=${1:-}
if [ -z "$root" ] && [ "$(id -u)" -ne 0 ]; then
    echo "install.sh: installing into the system needs root; ./install.sh DIRECTORY does not" >&2
    exit 1
fi

(cd usr && find . -type f) | while read -r file; do
    mode=644
    [ -x "usr/$file" ] && mode=755
    mkdir -p "$root/usr/$(dirname "$file")"
    # A new file under the old name: the running program is not written over.
    cp "usr/$file" "$root/usr/$file.new"
    chmod "$mode" "$root/usr/$file.new"
    mv -f "$root/usr/$file.new" "$root/usr/$file"
done
for file in replmond/replmond.yaml default/replmond; do
    if [ ! -e "$root/etc/$file" ]; then
        mkdir -p "$root/etc/$(dirname "$file")"
        cp "etc/$file" "$root/etc/$file"
        chmod 644 "$root/etc/$file"
    fi
done

echo "installed: $("$root/usr/bin/replmond" --version)"
[ -z "$root" ] || exit 0
if [ ! -d /run/systemd/system ]; then
    echo "systemd does not run here. Start it as a user of its own: replmond --config.file=/etc/replmond/replmond.yaml"
    exit 0
fi
usr/lib/replmond/prepare-system # what an old systemd does not know of the units
systemctl daemon-reload
systemctl try-restart replmond 'replmond@*' || true
echo "now: edit /etc/replmond/replmond.yaml, replmond check-config, systemctl enable --now replmond"
