#!/bin/sh
# Builds the program of the HTML replay from its sources, three.js and esbuild (npm packages, installed into a
# temporary folder): scripts/build-replay-page.sh
# The result, src/trackside/viewer/html/replay.js, is committed; users need neither npm nor Node.
set -eu
three=0.187.0
esbuild=0.28.2

html=$(cd "$(dirname "$0")/../src/trackside/viewer/html" && pwd)
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
npm install --silent --no-audit --no-fund --prefix "$tools" "three@$three" "esbuild@$esbuild"

cp "$html"/src/*.js "$tools"
sources=$(cat "$html"/src/*.js | sha256sum | cut -d ' ' -f 1)
{
    echo "/*! Trackside replay, built by scripts/build-replay-page.sh from sources with sha256 $sources"
    echo "It contains three.js $three:"
    cat "$tools/node_modules/three/LICENSE"
    echo "*/"
} > "$tools/banner"
"$tools/node_modules/.bin/esbuild" "$tools/main.js" --bundle --minify --format=iife --target=es2022 \
    --legal-comments=none --banner:js="$(cat "$tools/banner")" --outfile="$html/replay.js" --log-level=warning
cp "$tools/node_modules/three/LICENSE" "$html/three-license.txt"
echo "$html/replay.js: $(wc -c < "$html/replay.js") bytes, three.js $three"
