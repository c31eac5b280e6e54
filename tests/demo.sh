#!/usr/bin/env bash
# demo.sh BUILD: checks that the last three lines that `./run demo` prints, without photographs, are
# commands that work as they stand where the demo has run.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$(cd "$1" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if [ ! -e /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz ]; then
    echo "demo: SKIPPED: Debian's dataset-fashion-mnist is not installed"
    exit 77
fi
cd "$scratch"
mkdir -p build/demo
ln -s "$build/candela" "$build/examples" build/
model=build/demo/fashion-mlp.safetensors
build/candela train --data fashion-mnist --epochs 1 --out $model >/dev/null

sed -n '/^next_steps() {$/,/^}$/p' "$root/run" >next_steps.sh
# shellcheck disable=SC1091
. ./next_steps.sh
next_steps $model '' '' | tail -n 3 >commands
sed -i 's/--epochs 20 /--epochs 1 /' commands # not its length is tried here
while read -r command; do
    if ! [[ $command == build/* ]] || ! bash -c "$command" >output 2>&1; then
        echo "demo: this does not work: $command"
        cat output
        exit 1
    fi
    echo "demo: $command"
done <commands
[ -e lenet.safetensors ] && [ -e build/demo/larger.safetensors ]
