# Clean Debians in folders, for scripts that build or prove something in one. Sourced after set -euo pipefail; needs root,
# mmdebstrap and unshare. Packages come from where this machine's apt has its own.
#
#   debian_cannot             prints why this machine cannot do it; nothing where it can
#   debian_sources SUITE [deb-src]   the lines of a sources.list
#   debian_tree SUITE FOLDER PACKAGES…   makes one; $debian_options are handed to mmdebstrap
#   debian_run FOLDER COMMAND…   runs a command in one, with /proc, /dev and the compiler cache of this machine

debian_cannot() {
    if [ "$(id -u)" -ne 0 ]; then
        echo "it needs root"
    elif ! command -v mmdebstrap >/dev/null; then
        echo "mmdebstrap is not installed"
    elif [ -z "$(debian_sources bookworm)" ]; then
        echo "apt knows no Debian to take packages from"
    fi
}

debian_sources() { # SUITE [deb-src]
    local here
    here=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    apt-get indextargets --format '$(ORIGIN) deb $(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
        sed -n "s/^Debian deb \([^ ]* \)$here\(-[a-z]*\)\{0,1\} \(.*\)$/${2:-deb} \1$1\2 \3/p" |
        { if [ "$1" = sid ]; then grep -v ' sid-'; else cat; fi; } | sort -u # sid has no updates beside it
}

debian_options=()
debian_tree() { # SUITE FOLDER PACKAGES…
    local suite=$1 where=$2 settings
    shift 2
    echo "+ a clean $suite with $# packages"
    settings=$(mktemp)
    apt-config dump | grep -E '^Acquire::(Check-|http|https|Retries)' >"$settings" || true
    mmdebstrap --quiet --variant=minbase --aptopt="$settings" "${debian_options[@]}" --include="$(tr ' ' ',' <<<"$*")" \
        "$suite" "$where" - <<<"$(debian_sources "$suite")"
    rm -f "$settings"
}

# ccache counts the language as part of what it compiled. Mounts end with the command.
debian_run() { # FOLDER COMMAND…
    local where=$1 cache= languages=() name
    shift
    for name in LANG LC_ALL LC_CTYPE LC_MESSAGES; do
        [ -z "${!name+set}" ] || languages+=("$name=${!name}")
    done
    if command -v ccache >/dev/null; then
        cache=$(ccache --get-config cache_dir)
        mkdir -p "$cache"
    fi
    unshare --mount --propagation private sh -c '
        set -e
        where=$1 cache=$2
        shift 2
        mount -t proc proc "$where/proc"
        mount --rbind /dev "$where/dev"
        if [ -n "$cache" ]; then
            mkdir -p "$where/ccache"
            mount --bind "$cache" "$where/ccache"
        fi
        exec chroot "$where" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root CCACHE_DIR=/ccache "$@"
    ' sh "$where" "$cache" "${languages[@]}" "$@"
}

# The files of this checkout, as they are, into a folder.
copy_checkout() { # FOLDER
    mkdir -p "$1"
    git -c safe.directory="$PWD" ls-files -z --cached --others --exclude-standard |
        tar --create --null --files-from=- --ignore-failed-read 2>/dev/null | tar --extract --directory="$1" --no-same-owner
}
