#!/usr/bin/env bash
# Tries gradus on a machine with a GPU and its own PyTorch, but without the .NET SDK and without a network.
#
#   bench/gpu_check.sh --publish           where the SDK is: makes publish/gpu.tar.gz, the program without libtorch
#   bench/gpu_check.sh                     where the GPU is: unpacks it, puts PyTorch's libraries on the loader's path, and runs
#                                          doctor's self-test, a training in float32 and one in bfloat16, predict, and bench
#                                          beside PyTorch
#   bench/gpu_check.sh --device cpu        the same without a GPU
#   bench/gpu_check.sh --device cpu --own  the same with the build's own libtorch (needs the build), so that all but the GPU is tried
#
# The binding was built for libtorch 2.10; libraries of another version may not load, and then what the loader says is printed.
set -uo pipefail
cd "$(dirname "$0")/.."
device=cuda:0 own= publish=
while [ $# -gt 0 ]; do
    case $1 in
        --device) device=${2:?"--device needs a name: cuda:0 or cpu"}; shift ;;
        --own) own=1 ;;
        --publish) publish=1 ;;
        *) echo "gpu_check: unknown option $1; see the first lines of $0" >&2; exit 2 ;;
    esac
    shift
done
python=${PYTHON:-python3}
archive=publish/gpu.tar.gz

if [ -n "$publish" ]; then
    rm -rf publish/gpu "$archive"
    export MSBUILDDISABLENODEREUSE=1
    # Its own intermediate folder, so that the ordinary build keeps its references.
    dotnet publish src/Gradus.Cli -c Release -r linux-x64 --self-contained -p:GradusEngine=none -p:DebugType=none \
        -p:SatelliteResourceLanguages=en --artifacts-path publish/artifacts -o publish/gpu > publish.log 2>&1 </dev/null \
        || { tail -n 5 publish.log; exit 1; }
    rm -rf publish.log publish/artifacts
    tar -czf "$archive" -C publish/gpu .
    du -h "$archive"
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ -n "$own" ]; then
    gradus=$PWD/src/Gradus.Cli/bin/Release/net10.0/gradus
    [ -x "$gradus" ] || { echo "gpu_check: $gradus is not there; build first: dotnet build -c Release" >&2; exit 2; }
else
    [ -f "$archive" ] || { echo "gpu_check: $archive is not there; make it with bench/gpu_check.sh --publish where the SDK is" >&2; exit 2; }
    mkdir "$work/program" && tar -xzf "$archive" -C "$work/program"
    gradus=$work/program/gradus
    libraries=$("$python" -c 'import os, torch; print(os.path.join(os.path.dirname(torch.__file__), "lib"))') \
        || { echo "gpu_check: $python has no torch; name another with PYTHON=" >&2; exit 2; }
    # Debian keeps the libraries with the system's.
    [ -e "$libraries/libtorch_cpu.so" ] || libraries=$(dirname "$(ldconfig -p | awk '/libtorch_cpu.so/ { print $NF; exit }')")
    export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    echo "PyTorch $("$python" -c 'import torch; print(torch.__version__)'), libraries in $libraries"
    if ! "$python" - "$work/program/libLibTorchSharp.so" <<'PY'
import ctypes, sys
try:
    ctypes.CDLL(sys.argv[1])
except OSError as e:
    print(f"the binding does not load with these libraries: {e}")
    sys.exit(1)
PY
    then
        echo "gpu_check: give libraries of the version that the binding was built for (2.10)" >&2
        exit 1
    fi
fi
export GRADUS_CACHE=$work/cache
failed=0
step() { # NAME COMMAND...: says what is done, how long it took, and whether it failed
    local name=$1 from=$SECONDS; shift
    echo "== $name: $*"
    "$@" </dev/null && echo "== $name: done in $((SECONDS - from)) s" || { echo "== $name: FAILED with code $?"; failed=1; }
}
[ "$device" = cpu ] && export CUDA_VISIBLE_DEVICES=

step doctor "$gradus" doctor
step demo "$gradus" demo --out "$work/demo"
world=$work/demo/world
for precision in float32 bfloat16; do
    sed "s/^\( *precision:\).*/\1 $precision/" "$world/experiment.yaml" > "$world/$precision.yaml"
    grep -q "precision: $precision" "$world/$precision.yaml" \
        || sed -i "s/^\(train:.*\)$/\1\n  precision: $precision/" "$world/$precision.yaml"
    step "train $precision" "$gradus" train "$world/$precision.yaml" --device "$device" --runs "$work/runs-$precision" --remark "$precision"
    checkpoint=$(ls "$work/runs-$precision"/*/checkpoints/*.safetensors 2>/dev/null | tail -n 1)
    step "predict $precision" "$gradus" predict "$checkpoint" "$world/test" --device "$device" --out "$work/$precision.csv"
done
for network in densenet121 resnet50; do
    for precision in float32 bfloat16; do
        step "bench $network $precision" "$gradus" bench "$network" --precision "$precision" --device "$device" --batches 16,64 --seconds 3
    done
    "$python" -c 'import torchvision' 2>/dev/null \
        && step "PyTorch $network (images/s in training and prediction)" env DEVICE="${device%%:*}" "$python" bench/pytorch_throughput.py "$network" tuned
done
command -v nvidia-smi >/dev/null && nvidia-smi --query-gpu=name,memory.used,driver_version --format=csv,noheader
exit $failed
