#!/usr/bin/env bash
# Draws the pictures of the documents: sheets of the sample's packs, cut out of their pages.
# It needs LibreOffice and poppler-utils, and the sample built into var/ (make demo).
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# partner, month, comparison, name, page, and height of what is drawn on it, in pixels of a page that
# is 1286 wide upright and 910 across
pictures="000100 2024-09 - cover 1 785
000100 2024-09 - balance 5 325
000100 2024-09 - statement 6 400
000100 2024-09 - discounts 8 385
000100 2024-09 - revenue 10 340
000100 2024-09 previous compared 5 400
000200 2024-11 - deferred 13 350
000200 2024-11 - record 15 900"

for language in en vi; do
    while read -r partner month compare name page height; do
        pack="$folder/$language/$partner-$month-$compare"
        if [ ! -d "$pack" ]; then
            options=(--partner "$partner" --month "$month" --lang "$language" --output "$pack")
            if [ "$compare" != - ]; then options+=(--compare "$compare"); fi
            written=$(.venv/bin/partner-reports pack "${options[@]}")
            soffice --headless "-env:UserInstallation=file://$folder/profile" --convert-to pdf \
                --outdir "$pack" "$written" > /dev/null 2>&1
        fi
        pdftoppm -png -singlefile -r 110 -f "$page" -l "$page" -x 30 -y 45 -W 1226 -H "$height" \
            "$pack"/pack_*.pdf "docs/images/${name}_$language"
    done <<< "$pictures"
done
