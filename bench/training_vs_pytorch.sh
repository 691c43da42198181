#!/usr/bin/env bash
# Training and inference of the same networks by Debian's PyTorch and by gradus, in turns, on one batch of noise: batch 16, 224 px.
#   bench/training_vs_pytorch.sh [ROUNDS] [NETWORK...]      needs python3-torch and python3-torchvision (Debian)
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-3}
shift || true
networks=("$@")
[ ${#networks[@]} -gt 0 ] || networks=(densenet121 mobilenet_v2 resnet18)
python=${PYTHON:-/usr/bin/python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

MSBUILDDISABLENODEREUSE=1 dotnet build -c Release src/Gradus.Cli > "$work/build.log" 2>&1 || { tail "$work/build.log"; exit 1; }
gradus() { # NETWORK PRECISION: "train predict"
  src/Gradus.Cli/bin/Release/net10.0/gradus bench "$1" --precision "$2" --batches 16 --seconds 5 --json 2> /dev/null \
    | "$python" -c 'import json, sys; r = json.load(sys.stdin)["batches"][0]; print(r["train"]["imagesPerSecond"], r["predictImagesPerSecond"])'
}

printf '%-22s %-10s %10s %10s %10s %10s   %s\n' network what shipped tuned float32 bfloat16 'ratios: float32/tuned float32/shipped bfloat16/tuned'
for network in "${networks[@]}"; do
  for round in $(seq "$rounds"); do
    "$python" bench/pytorch_throughput.py "$network" shipped >> "$work/$network.shipped"
    "$python" bench/pytorch_throughput.py "$network" tuned >> "$work/$network.tuned"
    gradus "$network" float32 >> "$work/$network.float32"
    gradus "$network" bfloat16 >> "$work/$network.bfloat16"
  done
  for column in 1 2; do
    values=()
    for kind in shipped tuned float32 bfloat16; do
      values+=("$(cut -d' ' -f$column "$work/$network.$kind" | sort -n | awk '{ v[NR] = $1 } END { print (NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2) }')")
    done
    printf '%s %s %s\n' "$network" "$([ $column = 1 ] && echo training || echo inference)" "${values[*]}" \
      | awk '{ printf "%-22s %-10s %10.1f %10.1f %10.1f %10.1f   %.2f %.2f %.2f\n", $1, $2, $3, $4, $5, $6, $5 / $4, $5 / $3, $6 / $4 }'
  done
done
