#!/usr/bin/env bash
# Makes a release: packaging/build.sh [--output FOLDER] [--program FILE]
#
# Writes tarflow-mol-VERSION-linux-ARCHITECTURE.tar.gz, and tarflow-mol_VERSION_ARCHITECTURE.deb where
# dpkg-deb is there. The program has Swift's runtime inside and needs none on the machine that it
# runs on. The .deb is for the release of Debian or Ubuntu that it is made on, whose libraries it
# names. --program packages a program that was built elsewhere, which may need Swift's runtime then.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
output="$root/.build-package"
given=
built=no
while [ $# -gt 0 ]; do
  case "$1" in
  --output) output="$(mkdir -p "$2" && cd "$2" && pwd)" && shift 2 ;;
  --program) given="$(realpath "$2")" && shift 2 ;;
  *)
    sed -n 2,8p "${BASH_SOURCE[0]}" >&2
    exit 64
    ;;
  esac
done
fail() {
  printf 'Error: %s\n' "$*" >&2
  exit 1
}
cd "$root"

if [ -z "$given" ]; then
  # Messages of assertions name source files: relative to the checkout, wherever it lies.
  build=(swift build -c release --product tarflow-mol --static-swift-stdlib
    --scratch-path "$root/.build-package/swift" -Xcc "-ffile-prefix-map=$root/=")
  "${build[@]}" >&2
  given="$("${build[@]}" --show-bin-path)/tarflow-mol"
  built=yes
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
umask 022
version="$("$given" --version)"
machine="$(uname -m)"
name="tarflow-mol-$version-linux-$machine"
tree="$work/$name"
share="$tree/share"
documents="$share/doc/tarflow-mol"
mkdir -p "$tree/bin" "$share"/{tarflow-mol,doc/tarflow-mol,man/man1} \
  "$share"/{bash-completion/completions,zsh/vendor-completions,fish/vendor_completions.d}
cp "$given" "$tree/bin/tarflow-mol"
strip "$tree/bin/tarflow-mol"
chmod 755 "$tree/bin/tarflow-mol"
cp -R systems "$share/tarflow-mol/systems"
cp LICENSE NOTICE CITATION.cff README.md "$documents/"
cp -R docs notebooks-export "$documents/"
# The pages name systems/NAME/README.md.
ln -s ../../tarflow-mol/systems "$documents/systems"
find "$documents" -name __pycache__ -prune -exec rm -r {} +
program="$given"
"$program" --generate-completion-script bash >"$share/bash-completion/completions/tarflow-mol"
"$program" --generate-completion-script zsh >"$share/zsh/vendor-completions/_tarflow-mol"
"$program" --generate-completion-script fish >"$share/fish/vendor_completions.d/tarflow-mol.fish"
python3 packaging/man_pages.py "$program" "$version" "$share/man/man1"
gzip -9n "$share"/man/man1/*.1
find "$tree" -type d -exec chmod 755 {} +
find "$share" -type f -exec chmod 644 {} +

# No file may name a folder of this machine.
if found="$(grep -rlaF -e "$root/" -e "$HOME/." "$tree")"; then
  found="${found//$work\//}"
  # Another build's program says in its assertions where its sources were.
  if [ "$built" = no ] && [ "$found" = "$name/bin/tarflow-mol" ]; then
    printf 'warning: the program names folders of this machine\n' >&2
  else
    fail "these files name folders of this machine: $found"
  fi
fi

mkdir -p "$output"
# The same bytes for the same files, whoever packs them and when.
tar_options=(--sort=name --owner=0 --group=0 --numeric-owner --mtime=@"${SOURCE_DATE_EPOCH:-0}")
tar "${tar_options[@]}" -C "$work" -cf - "$name" | gzip -6n >"$output/$name.tar.gz"
printf '%s\n' "$output/$name.tar.gz"

command -v dpkg-deb >/dev/null || {
  printf 'no dpkg-deb here: no Debian package\n' >&2
  exit 0
}

# The packages of the libraries that the program is linked with, and OpenBLAS, which it loads.
depends="libopenblas0-pthread | libopenblas0"
while read -r library; do
  path="$(ldd "$given" | awk -v library="$library" '$1 == library { print $3 }')"
  [ -n "$path" ] || continue # The loader itself, which libc6 has.
  # On a merged /usr, packages name either of two places.
  package="$({ dpkg -S "$path" || dpkg -S "/usr$path" || dpkg -S "$(realpath "$path")"; } 2>/dev/null |
    head -n 1 | cut -d: -f1)" || true
  case "$library" in
  libswift* | lib_Foundation* | libFoundation* | libdispatch* | libBlocks*)
    printf 'warning: the program needs %s, which no package has\n' "$library" >&2
    continue
    ;;
  esac
  [ -n "$package" ] || fail "no package has $library ($path)"
  case "$package" in
  # The version that this machine has, since symbols of libc have versions.
  libc6) package="libc6 (>= $(dpkg-query -W -f '${Version}' libc6 | cut -d- -f1))" ;;
  esac
  case ", $depends, " in *", $package, "*) ;; *) depends="$depends, $package" ;; esac
done < <(readelf -d "$tree/bin/tarflow-mol" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')

architecture="$(dpkg --print-architecture)"
debian="$work/debian"
mkdir -p "$debian/DEBIAN" "$debian/usr"
cp -R "$tree/bin" "$tree/share" "$debian/usr/"
cp "$debian/usr/share/doc/tarflow-mol/LICENSE" "$debian/usr/share/doc/tarflow-mol/copyright"
cat >"$debian/DEBIAN/control" <<EOF
Package: tarflow-mol
Version: $version
Architecture: $architecture
Maintainer: The tarflow-mol developers <noreply@invalid>
Section: science
Priority: optional
Installed-Size: $(du -sk "$debian/usr" | cut -f1)
Depends: $depends
Description: Boltzmann generator for peptides
 Learns the Boltzmann distribution of a peptide from molecular dynamics with
 TarFlow, a Transformer normalizing flow, draws independent conformations with
 exact log-densities, and reweights them with the exact AMBER energy.
EOF
file="$output/tarflow-mol_${version}_$architecture.deb"
dpkg-deb --root-owner-group -Zgzip -z6 --build "$debian" "$file" >&2
printf '%s\n' "$file"
