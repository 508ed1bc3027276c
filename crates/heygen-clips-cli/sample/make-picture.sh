#!/usr/bin/env bash
# Makes the picture of the README, docs/clips.png: one frame from the middle of each clip of a folder, side by side.
#
#   heygen-clips demo --output clips && ./make-picture.sh clips ../../../docs/clips.png
set -euo pipefail

folder=${1:?folder with clips} picture=${2:?picture to write}
inputs=() filters= row= count=0
for clip in "$folder"/*.mp4; do
  length=$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$clip")
  inputs+=(-ss "$(awk "BEGIN { print $length * 0.7 }")" -i "$clip")
  filters+="[$count:v]trim=end_frame=1,scale=-2:520:flags=lanczos,pad=iw+16:ih+16:8:8:white[f$count];"
  row+="[f$count]"
  count=$((count + 1))
done
[ "$count" -gt 1 ] || { echo "fewer than two clips in $folder" >&2; exit 1; }
# A palette of its own keeps the file small without visible loss: the drawings have few colours.
ffmpeg -v error -y "${inputs[@]}" -filter_complex \
  "$filters${row}hstack=inputs=$count,split[a][b];[a]palettegen=max_colors=128:stats_mode=single[p];[b][p]paletteuse=dither=none" \
  -frames:v 1 "$picture"
ls -l "$picture"
