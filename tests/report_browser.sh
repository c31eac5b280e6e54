#!/usr/bin/env bash
# report_browser.sh PROGRAM: opens pages of --report in Chromium, light and dark, at the widths of a
# telephone, a tablet and a screen. Checks that nothing but a table's own box scrolls sideways, that
# every picture is shown, that no text is cut off by the window, and that the browser has nothing to
# say on its console. Exit status 77 without Chromium.
set -euo pipefail
program=$(realpath "$1")
for browser in chromium chromium-browser google-chrome ''; do
    if command -v "$browser" >/dev/null 2>&1; then break; fi
done
if [ -z "$browser" ]; then
    echo "report_browser: skipped, because there is no Chromium"
    exit 77
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

# photographs FOLDER: two classes of 40 pictures of noise, with a long and a hostile name.
photographs() {
    local class i
    for class in '<script>document.title="evil"<' "$(printf 'x%.0s' {1..120})"; do
        mkdir -p "$1/$class"
        for i in {1..40}; do
            {
                printf 'BM\x36\x0c\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x20\0\0\0\x20\0\0\0\x01\0\x18\0'
                printf '\0\0\0\0\0\x0c\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
                head -c 3072 /dev/urandom
            } >"$1/$class/$i \"<b>.bmp"
        done
    done
}

photographs photos
"$program" train --quiet --data photos --out "a model.safetensors" --epochs 60 --report train.html >/dev/null
"$program" eval --quiet "a model.safetensors" --data photos --report eval.html >/dev/null

# The page that measures: a frame of each width, so that no window need be so narrow.
cat >measure.html <<'HTML'
<!DOCTYPE html><meta charset="utf-8"><title>measure</title><pre id="result">not measured</pre>
<script>
const page = location.search.slice(1), said = [];
function measure(width) {
    return new Promise(done => {
        const frame = document.createElement('iframe');
        frame.width = width;
        frame.height = 900;
        frame.onload = () => {
            const d = frame.contentDocument, root = d.documentElement;
            if (d.title === 'evil') said.push(width + ': a name ran as a script');
            if (root.scrollWidth > width) said.push(width + ': the page is ' + root.scrollWidth + ' wide');
            for (const img of d.images) {
                if (!img.naturalWidth) said.push(width + ': a picture is not shown: ' + img.alt);
            }
            for (const e of d.querySelectorAll('h1, h2, h3, p, .figure, .tile, .chart, nav a, pre, summary')) {
                const r = e.getBoundingClientRect();
                if (r.left < 0 || r.right > width + 0.5) {
                    said.push(width + ': outside of the window: ' + e.textContent.slice(0, 40));
                }
            }
            if (d.images.length < 10) said.push(width + ': only ' + d.images.length + ' pictures');
            if (d.querySelectorAll('section').length < 6) said.push(width + ': parts are missing');
            if (d.scripts.length) said.push(width + ': there is a script');
            done();
        };
        frame.src = page;
        document.body.append(frame);
    });
}
Promise.all([360, 800, 1600].map(measure)).then(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    document.getElementById('result').textContent =
        'measured ' + (dark ? 'dark' : 'light') + '\n' + said.join('\n');
});
</script>
HTML

failed=0
for page in train.html eval.html; do
    for scheme in light dark; do
        options=(--headless --no-sandbox --disable-gpu --allow-file-access-from-files --user-data-dir="$scratch/profile"
            --enable-logging=stderr --virtual-time-budget=20000)
        if [ "$scheme" = dark ]; then options+=(--blink-settings=preferredColorScheme=0); fi
        timeout 120 "$browser" "${options[@]}" --dump-dom "file://$scratch/measure.html?$page" >dom 2>log || true
        sed -n '/id="result">/,/<\/pre>/p' dom | sed 's/.*id="result">//; s/<\/pre>.*//' >result
        if [ "$(head -1 result)" != "measured $scheme" ]; then
            echo "report_browser: $page was not measured in $scheme:"
            head -5 result log
            failed=1
        elif [ -n "$(sed 1d result)" ]; then
            echo "report_browser: $page, $scheme:"
            sed 1d result
            failed=1
        fi
        if grep -a CONSOLE log; then failed=1; fi
    done
done
if [ $failed = 0 ]; then echo "report_browser: two pages, light and dark, at 360, 800 and 1600 pixels"; fi
exit $failed
