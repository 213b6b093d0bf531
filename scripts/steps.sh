# What ./run-tests and ./quickstart share: steps with elapsed time, Debian
# packages, one line that says what to do when something fails. Sourced.

steps_begin=$SECONDS
steps_now=0
steps_all=0 # set by the caller before the first step

elapsed()
{
	local s=$((SECONDS - steps_begin))
	printf '%d:%02d' $((s / 60)) $((s % 60))
}

step()
{
	steps_now=$((steps_now + 1))
	printf '\n[step %d of %d, %s] %s\n' "$steps_now" "$steps_all" \
		"$(elapsed)" "$1"
}

# give_up WHAT TO-DO: the last line anybody needs to read.
give_up()
{
	printf '\n%s: failed: %s. What to do: %s\n' \
		"$(basename "$0")" "$1" "$2" >&2
	exit 1
}

# Ctrl-C ends what runs in the background, too: it would ignore the signal.
running=
at_interrupt=
interrupted()
{
	[ -z "$running" ] || kill "$running" 2>/dev/null
	$at_interrupt
	printf '\n%s: interrupted\n' "$(basename "$0")" >&2
	exit 130
}
trap interrupted INT TERM HUP

# logged FILE COMMAND…: output into FILE; now and then a sign of life.
logged()
{
	local log=$1 pid status last=$SECONDS
	shift
	mkdir -p "$(dirname "$log")"
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	running=$pid
	while kill -0 "$pid" 2>/dev/null; do
		if [ $((SECONDS - last)) -ge 10 ]; then
			last=$SECONDS
			printf '  %s … %s\n' "$(elapsed)" \
				"$(tail -n 1 "$log" | tr -d '\r' | cut -c1-90)"
		fi
		read -rt 0.3 <> <(:) || :
	done
	wait "$pid"
	status=$?
	running=
	return "$status"
}

# error_in FILE: the first thing that it says went wrong, for give_up.
error_in()
{
	local line
	line=$(grep -m 1 -E '^E: |error:|ERROR:' "$1" ||
		grep -m 1 FAILED: "$1")
	line=${line:0:160}
	echo "${line:+ (${line})}"
}

# packages WHY NAME…: installs what is missing, saying what and why first.
packages()
{
	local why=$1 name here missing=() as_root=()
	shift
	command -v dpkg-query >/dev/null ||
		give_up "this is no Debian" "use Debian 12, in a container if need be"
	here=" $(dpkg-query -W -f '${Package}:${db:Status-Status} ' "$@" \
		2>/dev/null)"
	for name in "$@"; do
		case $here in
		*" $name:installed "*) ;;
		*) missing+=("$name") ;;
		esac
	done
	if [ ${#missing[@]} = 0 ]; then
		echo "  $why: nothing to install ($# here)"
		return 0
	fi
	echo "  $why: ${#missing[@]} of $# are missing; apt-get will install:" \
		"${missing[*]}"
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null || give_up \
			"packages are missing and this is not root" \
			"run as root: apt-get install --no-install-recommends ${missing[*]}"
		as_root=(sudo)
	fi
	apt_install "${missing[@]}" && return 0
	echo "  the package lists may be old: apt-get update"
	logged "$LOGS/apt-update.log" "${as_root[@]}" apt-get update ||
		give_up "apt-get update$(error_in "$LOGS/apt-update.log")" \
			"look into $LOGS/apt-update.log and check the network"
	apt_install "${missing[@]}" || give_up "apt-get install$(error_in "$LOGS/apt.log")" \
		"look into $LOGS/apt.log; Debian 12 is what this is made for"
}

# Services that come with a package must not start: only their programs are
# wanted here.
apt_install()
{
	local policy=/usr/sbin/policy-rc.d mine= status
	if [ ! -e "$policy" ]; then
		mine=yes
		at_interrupt="${as_root[*]} rm -f $policy"
		printf '#!/bin/sh\nexit 101\n' |
			"${as_root[@]}" tee "$policy" >/dev/null &&
			"${as_root[@]}" chmod 755 "$policy"
	fi
	logged "$LOGS/apt.log" "${as_root[@]}" env \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
		--no-install-recommends "$@"
	status=$?
	[ -z "$mine" ] || "${as_root[@]}" rm -f "$policy"
	at_interrupt=
	return "$status"
}

# configure BUILD OPTION…: meson setup, or again when it was made otherwise.
configure()
{
	local build=$1
	shift
	if [ -f "$build/build.ninja" ]; then
		logged "$LOGS/$(basename "$build")-setup.log" \
			meson configure "$build" "$@" && return 0
		rm -rf "$build"
	fi
	logged "$LOGS/$(basename "$build")-setup.log" \
		meson setup "$build" "$@" || give_up \
		"configuring $build$(error_in "$LOGS/$(basename "$build")-setup.log")" \
		"look into $LOGS/$(basename "$build")-setup.log"
}

build()
{
	logged "$LOGS/$(basename "$1").log" ninja -C "$1"
}

BUILD_PACKAGES="gcc libc6-dev meson ninja-build pkg-config libsofia-sip-ua-dev
	libgnutls28-dev nettle-dev libgmp-dev libsrtp2-dev libevent-dev libpcre2-dev
	libjansson-dev libsystemd-dev libcap-ng-dev libxml2-dev libcmocka-dev
	libedit-dev libcurl4-gnutls-dev libssl-dev libsqlite3-dev
	libc-ares-dev libjemalloc-dev libspandsp-dev libtiff-dev libopus-dev libbcg729-dev libspeexdsp-dev libsndfile1-dev python3"
PHONE_PACKAGES="openssl baresip-core"
TEST_PACKAGES="git clang clang-format libclang-rt-14-dev libasan8 libubsan1
	libtsan2 kamailio kamailio-tls-modules linphone-cli sip-tester stunnel4 dnsmasq-base tshark tcpdump
	ffmpeg gnutls-bin scep certmonger dbus-daemon softhsm2 faketime curl
	tftp-hpa atftp tftpd-hpa nginx-light
	iproute2 nftables"
