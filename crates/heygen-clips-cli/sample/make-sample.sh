#!/usr/bin/env bash
# Makes sample.mp4 and sample.vtt: a short spoken talk over moving pictures, for `heygen-clips demo`
# and for tests. Needs espeak-ng, ffmpeg (with libx264 and libass) and the DejaVu fonts.
#
#   ./make-sample.sh [OUTPUT-FOLDER]        (default: the folder of this script)
#
# How it works: each sentence is spoken on its own, so that its start and end are known to the
# sample; the same times give the cues of the .vtt and the beats of the pictures. What matters in a
# picture stays inside the middle 400 pixels, so that a 9:16 crop of the video still shows it.
# The words, the pictures and this script are dedicated to the public domain (see LICENSE).
set -euo pipefail

out=$(cd "${1:-$(dirname "$0")}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One line a sentence: topic|speaker|text. `host` asks, `guest` answers.
talk() {
  cat <<'TALK'
intro|host|Four lessons from our third year, in little more than a minute.
pricing|host|First, pricing. What did you change?
pricing|guest|We had nine plans, and nobody could explain them.
pricing|guest|So we kept two, and doubled the price of the larger one.
pricing|guest|Sign ups fell by five percent, but revenue rose by forty.
pricing|guest|The biggest mistake was waiting two years to do it.
growth|host|And growth? Where did the new customers come from?
growth|guest|Almost all of them came from a single page.
growth|guest|We published the calculator that our own team used every day.
growth|guest|People passed it on, and nobody had to sign up to use it.
growth|guest|In ninety days it brought more customers than all our adverts.
incident|host|Then came the night of the incident.
incident|guest|At two in the morning, a script deleted the wrong database.
incident|guest|We had backups, but nobody had ever tried to restore one.
incident|guest|It took eleven hours to bring everything back.
incident|guest|Now we rehearse a restore on the first Monday of each month.
hiring|host|Last question, hiring. What would you do again?
hiring|guest|We stopped asking puzzles.
hiring|guest|Each candidate spends half a day on a small, real problem.
hiring|guest|We pay for that time, and we work on it together.
hiring|guest|Since then, nobody we hired has left in the first year.
outro|host|Cut the plans, share the tool, test the backup, pay for the trial.
TALK
}

rate=48000            # samples per second of the sound track
lead=$((rate * 6 / 10))        # silence before the first word
between=$((rate * 28 / 100))   # between two sentences of one topic
topic_gap=$((rate * 110 / 100)) # between two topics
tail_gap=$((rate * 12 / 10))   # after the last word

# ---- 1. speech: one file a sentence, silence cut off at both ends, joined with known gaps --------

silence() { head -c $(($1 * 2)) /dev/zero >>"$work/talk.raw"; }
speak() { # speaker text -> raw samples, 16 bit mono
  local voice=en-gb pitch=62 speed=172
  [ "$1" = guest ] && { voice=en-us+m3; pitch=42; speed=168; }
  espeak-ng -v "$voice" -p "$pitch" -s "$speed" -a 140 --stdout -- "$2" |
    ffmpeg -v error -f wav -i - -af "silenceremove=start_periods=1:start_threshold=-50dB,areverse,silenceremove=start_periods=1:start_threshold=-50dB,areverse,afade=t=in:d=0.01,aresample=$rate" \
      -ac 1 -f s16le -
}

: >"$work/talk.raw"; : >"$work/cues"
position=$lead; silence "$lead"; previous=
while IFS='|' read -r topic speaker text; do
  gap=0
  if [ -n "$previous" ]; then gap=$between; [ "$topic" = "$previous" ] || gap=$topic_gap; fi
  silence "$gap"; position=$((position + gap))
  speak "$speaker" "$text" </dev/null >"$work/one.raw"
  samples=$(($(wc -c <"$work/one.raw") / 2))
  cat "$work/one.raw" >>"$work/talk.raw"
  echo "$topic|$((position * 1000 / rate))|$(((position + samples) * 1000 / rate))|$text" >>"$work/cues"
  position=$((position + samples)); previous=$topic
done < <(talk)
silence "$tail_gap"; position=$((position + tail_gap))
total_ms=$((position * 1000 / rate))

# ---- 2. the transcript beside the video ----------------------------------------------------------

stamp() { printf '%02d:%02d:%02d.%03d' $(($1 / 3600000)) $(($1 / 60000 % 60)) $(($1 / 1000 % 60)) $(($1 % 1000)); }
{
  printf 'WEBVTT\n'
  while IFS='|' read -r _ from to text; do
    printf '\n%s --> %s\n%s\n' "$(stamp "$from")" "$(stamp "$to")" "$text"
  done <"$work/cues"
} >"$work/sample.vtt"

# ---- 3. the pictures: an ASS script of animated vector drawings -----------------------------------

starts=(); topics=(); ends=(); last=
while IFS='|' read -r topic from _ _; do
  if [ "$last" != "$topic" ]; then
    at=$((from > 600 ? from - 550 : 0))
    [ ${#topics[@]} -gt 0 ] && ends+=("$at")
    topics+=("$topic"); starts+=("$at"); last=$topic
  fi
done <"$work/cues"
ends+=("$total_ms")

beat() { # n-th sentence of a topic (from 0) -> its start in ms
  awk -F'|' -v t="$1" -v n="$2" '$1 == t { if (n-- == 0) print $2 }' "$work/cues"
}
clock() { printf '%d:%02d:%02d.%02d' $(($1 / 3600000)) $(($1 / 60000 % 60)) $(($1 / 1000 % 60)) $(($1 % 1000 / 10)); }
line() { # layer from to text
  printf 'Dialogue: %d,%s,%s,Flat,,0,0,0,,%s\n' "$1" "$(clock "$2")" "$(clock "$3")" "$4"
}
box() { # width height radius -> path of a rounded rectangle from 0,0
  local w=$1 h=$2 r=$3
  echo "m $r 0 l $((w - r)) 0 b $w 0 $w 0 $w $r l $w $((h - r)) b $w $h $w $h $((w - r)) $h l $r $h b 0 $h 0 $h 0 $((h - r)) l 0 $r b 0 0 0 0 $r 0"
}
disc() { # radius -> path of a circle from 0,0
  local r=$1 d=$((2 * $1)) k=$(($1 * 45 / 100))
  echo "m 0 $r b 0 $k $k 0 $r 0 b $((d - k)) 0 $d $k $d $r b $d $((d - k)) $((d - k)) $d $r $d b $k $d 0 $((d - k)) 0 $r"
}
shape() { # layer from to x y colour(BBGGRR) tags path: anchored at its bottom centre
  line "$1" "$2" "$3" "{\\an2\\pos($4,$5)\\1c&H$6&$7\\p1}$8{\\p0}"
}
words() { # layer from to x y size colour tags text
  line "$1" "$2" "$3" "{\\an5\\pos($4,$5)\\fs$6\\1c&H$7&$8}$9"
}

white=FFFFFF; ink=2A1A14; fade='\fad(350,250)'
scene_intro() {
  words 5 "$1" "$2" 640 250 58 $white "$fade\\b1" "Four lessons"
  words 5 "$1" "$2" 640 320 34 $white "$fade\\1a&H30&" "from our third year"
  local n=0 x
  for x in 520 600 680 760; do
    n=$((n + 1))
    shape 4 $(($1 + n * 350)) "$2" "$x" 450 $white "\\fad(300,250)\\fscx0\\fscy0\\t(0,350,\\fscx100\\fscy100)" "$(disc 26)"
    words 5 $(($1 + n * 350)) "$2" "$x" 424 30 $ink '\fad(300,250)\b1' "$n"
  done
}
scene_pricing() { # nine plans; seven go, two grow
  local cut grow i x y; cut=$(beat pricing 2); grow=$(beat pricing 3)
  for i in 0 1 2 3 4 5 6 7 8; do
    x=$((530 + i % 3 * 110)); y=$((280 + i / 3 * 100))
    shape 4 $(($1 + 300 + i * 160)) $((cut + 300)) $x $y $white '\fad(250,500)\1a&H20&' "$(box 92 82 12)"
    shape 5 $(($1 + 300 + i * 160)) $((cut + 300)) $x $((y - 20)) C08A3A '\fad(250,500)' "$(box 56 10 5)"
    shape 5 $(($1 + 300 + i * 160)) $((cut + 300)) $x $((y - 46)) C08A3A '\fad(250,500)' "$(box 36 10 5)"
  done
  shape 4 "$cut" "$2" 555 480 $white '\fad(400,250)' "$(box 150 180 16)"
  words 5 "$cut" "$2" 555 390 44 $ink '\fad(400,250)\b1' 'x 1'
  shape 4 "$cut" "$2" 725 480 $white '\fad(400,250)\fscy64\t(300,1500,\fscy100)' "$(box 150 280 16)"
  words 5 "$cut" "$2" 725 390 44 $ink '\fad(400,250)\b1' 'x 2'
  words 6 "$grow" "$2" 555 270 38 $white '\fad(300,250)\b1' '-5 %'
  words 6 $((grow + 1500)) "$2" 725 240 46 2A8A2A '\fad(300,250)\b1' '+40 %'
}
scene_growth() { # bars that rise with each sentence
  local i x h at; shape 4 "$1" "$2" 640 490 $white '\fad(300,250)\1a&H40&' "$(box 380 4 2)"
  for i in 0 1 2 3 4 5; do
    x=$((480 + i * 64)); h=$((30 + i * i * 10)); at=$((500 + i * 2100))
    shape 4 $(($1 + 300)) "$2" $x 484 $white "\\fad(300,250)\\fscy6\\t($at,$((at + 1400)),0.6,\\fscy100)" "$(box 46 $h 6)"
  done
  words 6 "$(beat growth 4)" "$2" 570 270 62 $white '\fad(300,250)\b1' '90'
  words 6 "$(beat growth 4)" "$2" 570 325 30 $white '\fad(300,250)' 'days'
}
scene_incident() { # three disks; one is lost, and comes back slowly
  local lost back x i; lost=$(beat incident 1); back=$(beat incident 3)
  for x in 510 640 770; do
    for i in 0 1 2; do
      if [ "$x" = 640 ]; then
        shape 4 $(($1 + 200)) $((lost + 2200)) $x $((300 + i * 62)) $white '\fad(300,400)' "$(box 108 50 14)"
        shape 4 $((lost + 2200)) $((back + i * 900 + 500)) $x $((300 + i * 62)) 3A3AE8 '\fad(100,200)\t(0,300,\1a&H90&)\t(300,600,\1a&H00&)\t(600,900,\1a&H90&)\t(900,1200,\1a&H30&)' "$(box 108 50 14)"
        shape 4 $((back + i * 900 + 400)) "$2" $x $((300 + i * 62)) $white '\fad(400,250)' "$(box 108 50 14)"
      else
        shape 4 $(($1 + 200)) "$2" $x $((300 + i * 62)) $white '\fad(300,250)\1a&H18&' "$(box 108 50 14)"
      fi
      shape 5 $(($1 + 200)) "$2" $((x + 34)) $((284 + i * 62)) 5AB04A '\fad(300,250)' "$(disc 8)"
    done
  done
  words 5 "$lost" "$back" 640 482 40 $white '\fad(300,250)\b1' '02:00'
  shape 4 "$back" "$2" 640 492 $white '\fad(300,250)\1a&HA0&' "$(box 368 18 9)"
  line 5 "$back" "$2" "{\\an1\\pos(456,492)\\1c&H$white&\\fad(300,250)\\fscx2\\t(0,5200,\\fscx100)\\p1}$(box 368 18 9){\\p0}"
  words 5 $((back + 800)) "$2" 640 456 30 $white '\fad(300,250)\b1' '11 hours'
}
scene_hiring() { # colleagues arrive one by one and stay
  local i x y at n=0
  for y in 320 480; do
    for x in 520 640 760; do
      at=$(($1 + 400 + n * 2100)); n=$((n + 1))
      shape 4 $(($1 + 200)) "$2" $x $y $white '\fad(300,250)\1a&HB0&' "$(box 92 62 30)"
      shape 4 $(($1 + 200)) "$2" $x $((y - 70)) $white '\fad(300,250)\1a&HB0&' "$(disc 28)"
      shape 5 $at "$2" $x $y $white '\fad(500,250)\fscx40\fscy40\t(0,400,0.6,\fscx100\fscy100)' "$(box 92 62 30)"
      shape 5 $at "$2" $x $((y - 70)) $white '\fad(500,250)\fscx40\fscy40\t(0,400,0.6,\fscx100\fscy100)' "$(disc 28)"
    done
  done
}
scene_outro() {
  local i=0 text y
  for text in 'two plans' 'one free tool' 'tested backups' 'paid trials'; do
    y=$((240 + i * 70)); i=$((i + 1))
    shape 4 $(($1 + i * 700)) "$2" 500 $((y + 18)) $white '\fad(300,300)' "$(disc 18)"
    words 5 $(($1 + i * 700)) "$2" 500 $y 24 $ink '\fad(300,300)\b1' "$i"
    line 5 $(($1 + i * 700)) "$2" "{\\an4\\pos(540,$y)\\fs34\\1c&H$white&\\fad(300,300)}$text"
  done
}

{
  cat <<'HEAD'
[Script Info]
ScriptType: v4.00+
PlayResX: 1280
PlayResY: 720
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Flat,DejaVu Sans,40,&H00FFFFFF,&H00FFFFFF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,0,0,5,0,0,0,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
HEAD
  # A colour for each topic covers the whole picture and fades into the next.
  declare -A paint=([intro]=6B3F2E [pricing]=7A5A1E [growth]=4A6E24 [incident]=4A2E8A [hiring]=8A4A5E [outro]=5E4A2E)
  declare -A name=([pricing]=Pricing [growth]=Growth [incident]='The incident' [hiring]=Hiring)
  for i in "${!topics[@]}"; do
    topic=${topics[i]}; from=${starts[i]}; to=${ends[i]}
    shape 0 "$from" $((to + (to < total_ms ? 400 : 0))) 640 720 "${paint[$topic]}" '\fad(400,0)' 'm 0 0 l 1280 0 1280 720 0 720'
    # Slow discs give the wide picture life at its edges.
    n=0
    for place in '90 620 210 380 150' '330 160 250 420 70' '1190 150 1050 420 160' '960 640 1080 300 80' '640 700 700 560 260'; do
      read -r x1 y1 x2 y2 r <<<"$place"; n=$((n + 1))
      [ $((i % 2)) = 0 ] || { t=$x1; x1=$x2; x2=$t; }
      line 1 "$from" "$to" "{\\an5\\move($x1,$y1,$x2,$y2)\\1c&H$white&\\1a&HE8&\\fad(500,400)\\p1}$(disc "$r"){\\p0}"
    done
    if [ -n "${name[$topic]:-}" ]; then
      words 5 "$from" "$to" 640 110 54 $white "$fade\\b1" "${name[$topic]}"
      shape 5 $((from + 200)) "$to" 640 156 $white '\fad(200,250)\fscx0\t(0,700,\fscx100)' "$(box 120 6 3)"
      words 5 "$from" "$to" 130 330 190 $white '\1a&HB0&\fad(500,300)\b1' "$i"
      words 5 "$from" "$to" 1150 600 34 $white '\1a&H80&\fad(500,300)' "$i / 4"
    fi
    "scene_$topic" "$from" "$to"
  done
} >"$work/pictures.ass"

# ---- 4. one file ----------------------------------------------------------------------------------

# The sound wave of the speaker runs below the drawings.
(
  cd "$work"
  ffmpeg -v error -y -f s16le -ar "$rate" -ac 1 -i talk.raw \
    -f lavfi -i "color=c=0x14202a:s=1280x720:r=25" \
    -filter_complex "[0:a]loudnorm=I=-17:TP=-2:LRA=7,aresample=$rate,asplit[sound][s];
      [s]showwaves=s=384x56:r=25:mode=cline:colors=white:scale=sqrt,format=yuva420p,colorchannelmixer=aa=0.45[wave];
      [1:v]ass=pictures.ass[drawn];[drawn][wave]overlay=448:516:shortest=1,format=yuv420p[picture]" \
    -map '[picture]' -map '[sound]' -t "$((total_ms / 1000)).$(printf %03d $((total_ms % 1000)))" \
    -c:v libx264 -preset slow -crf 29 -g 100 -threads 2 -profile:v high -color_range tv \
    -c:a aac -b:a 64k -map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact \
    -metadata title='Four lessons' -movflags +faststart sample.mp4
)
mv "$work/sample.vtt" "$out/sample.vtt"
mv "$work/sample.mp4" "$out/sample.mp4"
ls -l "$out/sample.mp4" "$out/sample.vtt"
