#!/usr/bin/env bash
# Fingerprints for near duplicates (a hash of 64 bits that can be turned, and a pattern of 48 x 48 levels to verify by) against
# OpenCV's imread + PHash, which makes the hash alone: on the same files and cores, taking turns so that a busy machine slows both.
#   bench/hash_vs_opencv.sh [FOLDER] [ROUNDS] [THREADS]   needs python3-opencv (Debian) and GRADUS_DATA or a folder of .jpg files
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(realpath "${1:-${GRADUS_DATA:?set GRADUS_DATA or name a folder}/idrid/train}")
rounds=${2:-5}
threads=${3:-1}
python=${PYTHON:-/usr/bin/python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

MSBUILDDISABLENODEREUSE=1 dotnet build -c Release bench/Hash.cs -o "$work/hash" > "$work/build.log" 2>&1 || { tail "$work/build.log"; exit 1; }

median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2) }'; }
for round in $(seq "$rounds"); do
  "$python" bench/opencv_hash.py "$folder" "$threads" full >> "$work/full"
  "$python" bench/opencv_hash.py "$folder" "$threads" eighth >> "$work/eighth"
  dotnet "$work/hash/Hash.dll" "$folder" "$threads" >> "$work/gradus"
  echo "round $round: OpenCV $(tail -1 "$work/full"), at an eighth $(tail -1 "$work/eighth"), Gradus $(tail -1 "$work/gradus") images/s"
done
full=$(median < "$work/full"); eighth=$(median < "$work/eighth"); gradus=$(median < "$work/gradus")
echo "$(ls "$folder"/*.jpg | wc -l) images, $threads threads, median of $rounds rounds"
echo "OpenCV imread + PHash                       $full images/s"
echo "OpenCV imread at an eighth + PHash          $eighth images/s"
echo "Gradus fingerprint (hash and pattern)       $gradus images/s"
awk -v g="$gradus" -v o="$full" -v e="$eighth" 'BEGIN { printf "ratio %.1f, to the eighth %.1f\n", g / o, g / e }'
