#!/usr/bin/env bash
# Preparing large photographs: gradus prepare (crop_retina + resize 224 + ben_graham, hashing and cache included) against
# OpenCV's imread + resize, on the same files and cores, taking turns so that a busy machine slows both.
#   bench/prepare_vs_opencv.sh [FOLDER] [ROUNDS]      needs python3-opencv (Debian) and GRADUS_DATA or a folder of .jpg files
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(realpath "${1:-${GRADUS_DATA:?set GRADUS_DATA or name a folder}/idrid_full}")
rounds=${2:-5}
threads=$(nproc)
python=${PYTHON:-/usr/bin/python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

MSBUILDDISABLENODEREUSE=1 dotnet build -c Release src/Gradus.Cli > "$work/build.log" 2>&1 || { tail "$work/build.log"; exit 1; }
{ echo id,grade; for f in "$folder"/*.jpg; do echo "$(basename "$f"),0"; done; } > "$work/labels.csv"
cat > "$work/experiment.yaml" <<YAML
scale: [none, some]
sources: [{ name: photographs, labels: labels.csv, id: id, grade: grade, images: "$folder", extension: "" }]
recipe: [crop_retina, resize: { size: 224 }, ben_graham]
model: { backbone: resnet18 }
target: binary
train: { epochs: 1, optimizer: { sgd: {} }, top_lr: 0.01 }
YAML

median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2) }'; }
for round in $(seq "$rounds"); do
  "$python" bench/opencv_prepare.py "$folder" "$threads" 224 >> "$work/opencv"
  rm -rf "$work/cache"
  dotnet src/Gradus.Cli/bin/Release/net10.0/gradus.dll prepare "$work/experiment.yaml" --cache "$work/cache" --json 2> /dev/null \
    | sed -n 's/.*"imagesPerSecond": \([0-9.]*\).*/\1/p' >> "$work/gradus"
  echo "round $round: OpenCV $(tail -1 "$work/opencv"), Gradus $(tail -1 "$work/gradus") images/s"
done
opencv=$(median < "$work/opencv"); gradus=$(median < "$work/gradus")
echo "$(ls "$folder"/*.jpg | wc -l) images, $threads threads, median of $rounds rounds"
echo "OpenCV imread + resize                      $opencv images/s"
echo "gradus prepare crop + resize + ben_graham   $gradus images/s"
awk -v g="$gradus" -v o="$opencv" 'BEGIN { printf "ratio %.1f\n", g / o }'
